/** Written from openapi/openapi.json by src/client/write-schema.ts. */

export interface paths {
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List jobs
         * @description Newest first. Several values of one filter, repeated or with commas, mean any of them.
         */
        get: operations["listJobs"];
        put?: never;
        /**
         * Accept a job
         * @description Accepts a job and answers at once; the work is done behind. Everything that is wrong is named at once, and then nothing is stored. With `Idempotency-Key`, sending the same request again answers at once what the first one was answered; read the job to see where it is by now. With `Prefer: wait=n`, the answer waits up to n seconds (60 at most) for the job to end. A dry run (`dry_run`) checks and estimates, looks at the beginning of every URL among the inputs, and stores nothing.
         */
        post: operations["createJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a job
         * @description With `Prefer: wait=n`, the answer waits up to n seconds (60 at most) for the job to end. The `ETag` is the number of the newest event of the job.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /**
         * Erase a finished job
         * @description Erases the prompt, the steps, the metadata and tags, the inputs, the artifacts with their files, the words of the provider, what was said with it in a conversation, and the bodies of callbacks; a callback that is still to come is given up. Uploads that no other job takes are deleted too. What stays is a stub for the books: ids, times, state and credits. After that the job is not found (404). It cannot be undone.
         */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job
         * @description Ends at once what nobody works on. Otherwise the holder is asked to stop, to cancel the render and to settle what was spent; the job then ends by itself.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List every try of every stage of a job
         * @description Oldest first, each with its calls of the provider: times, statuses, sizes, and the beginnings of the bodies. Tokens, signed URLs and the words of messages are left out. `format=har` gives the calls as an HTTP archive (HAR 1.2), for the tools of browsers.
         */
        get: operations["listAttempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a failed job again
         * @description The job goes on from a stage with what is recorded: its session, its uploads, its messages, its render. `from_stage: "session"` begins anew in a session of its own; `generate` and `confirm` mean the message that the job stands at. A message that may have been paid for already is sent again only with `accept_cost: true`. An input that was deleted or has expired meanwhile is refused where it is still needed: `errors` point into the job. A message of unknown outcome is looked for first; with `accept_cost` it is sent again when it is not found. The `attempt` of the job rises, and its deadlines are lifted. With `Idempotency-Key`, the same request redrives once; the replay shows the job as it is then.
         */
        post: operations["redriveJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say why a job is where it is
         * @description What it waits for and until when, the limits that it stands under, its place in the line, its next try and the cause of it, and what a person can do. The predicted start is a guess from how long the last jobs of the tenant took.
         */
        get: operations["explainJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what the draft of a job holds
         * @description The tracks as they are in the provider's session now, which may be ahead of the file. With `format=srt` or `format=vtt`, the text tracks as subtitles; no render is needed for that.
         */
        get: operations["getTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read or follow what happens to a job
         * @description As JSON, a page of events after a number. With `Accept: text/event-stream`, all of them and then each as it happens, until the job has ended; `Last-Event-ID` goes on where a stream broke off. A `gap` event names events whose retention is over.
         */
        get: operations["listJobEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read or follow what happens to all jobs
         * @description The whole feed of the tenant, oldest first, in the same two forms as the events of one job. Its cursor is its own; each event still carries the `seq` of its job. Between them stand `batch.completed` and `callback_endpoint.disabled`, which are none of a job. The page always gives a `next_cursor` to go on from. Where the retention of events behind the cursor is over, `gap` names between which cursors some are missing; a stream has a `gap` event for that, before what is left of them.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List batches
         * @description Newest first.
         */
        get: operations["listBatches"];
        put?: never;
        /**
         * Make a batch
         * @description With a JSON object, a batch that takes lines until it is closed. With the lines themselves (`application/x-ndjson` or `text/csv`), a batch that closes itself once they were read; what its query cannot say needs the other way. With `Idempotency-Key`, lines that broke off are sent again as a whole, and go on in the same batch.
         */
        post: operations["createBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a batch
         * @description Its counts are exact at the moment of the answer.
         */
        get: operations["getBatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a batch, which starts it
         * @description It takes no more lines, and its jobs are let go of: all of them, or as many as the queue of the tenant has room for and the others as it empties. With `all_or_nothing` and a bad line, none is started and the batch fails. Closing a closed batch changes nothing.
         */
        post: operations["closeBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a batch
         * @description Jobs that nobody works on end at once, the others as soon as their holders have stopped. What has succeeded stays. The batch ends as `canceled`.
         */
        post: operations["cancelBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run the failed jobs of a batch again
         * @description Each goes on from where it failed, with what is recorded, as by POST /v1/jobs/{id}/redrive. A job that would send a message again that may have been paid for is skipped, unless `accept_cost` is true. The batch runs again, and ends again with another `batch.completed`.
         */
        post: operations["redriveBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send lines to a batch
         * @description A stream of bodies of jobs, each with a `custom_id` if you like: NDJSON, a JSON array, or CSV whose columns are named with dots (`output.format`, `metadata.order`; `input_urls` and `tags` take several values with `;` between them). Any number of times. A line whose `custom_id` the batch has already is a duplicate and changes nothing, so a stream that broke off is simply sent again; with `Idempotency-Key`, lines without a `custom_id` are known by their numbers, a stream that broke off goes on where it was, and one that was read to its end is answered as before; other lines under the same key are refused. Bad lines are kept with what is wrong with them, and hold up nothing; a line that is right takes the errors of its `custom_id` back. A line whose `dedupe` key another job holds is a duplicate, a bad line, or replaces that job, as its `on_conflict` says; one with a `session_id` becomes a job of that conversation. A batch has 1,000,000 lines at most, a stream 2 GiB, a line 1 MiB. What was taken before a problem stays.
         */
        post: operations["addBatchLines"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/results": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the jobs of a batch
         * @description Every line that became a job, in the order of the lines, as it stands when it is read: `{line, custom_id, job}`, or a row of a table. At any time, and of any length; one that broke off goes on with `after` the last job of it.
         */
        get: operations["getBatchResults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream what went wrong in a batch
         * @description First the lines that did not become jobs, by number, each with its `problem`; then the jobs that failed, each with its `failure`: `{line, custom_id, job_id, problem, failure}`, or a row of a table.
         */
        get: operations["getBatchErrors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List conversations
         * @description Newest first.
         */
        get: operations["listSessions"];
        put?: never;
        /**
         * Begin a conversation
         * @description A conversation lasts over many messages, all of one skill and about one draft. Its session at the provider is made by its first job.
         */
        post: operations["createSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a conversation */
        get: operations["getSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what was said in a conversation
         * @description Oldest first. Each message of the client is followed by the reply to it.
         */
        get: operations["listMessages"];
        put?: never;
        /**
         * Say something in a conversation
         * @description Taken for what it asks for, in English or Chinese: an export, the credits, the status, an upload, subtitles, or else something to generate or change. What costs credits, hands over files or renders becomes a job (202); everything else is answered at once (200). One message is worked on at a time; the next ones queue. With `Prefer: wait=n`, the answer waits up to n seconds (60 at most) for the job to end. With `Accept: text/event-stream`, the answer is a stream: `accepted`, the events of the job, a `note` every two minutes while nothing happens, and at the end `done` with the same body as JSON.
         */
        post: operations["sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what the draft of a conversation holds
         * @description The tracks as they are at the provider now. With `format=srt` or `format=vtt`, the text tracks as subtitles; no render is needed for that.
         */
        get: operations["getSessionTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was rendered in a conversation
         * @description The jobs that make a file, newest first.
         */
        get: operations["listExports"];
        put?: never;
        /**
         * Render what a conversation has made
         * @description A job that sends nothing and costs no credits. It waits for what the conversation is at. With `Prefer: wait=n`, the answer waits up to n seconds (60 at most) for its end.
         */
        post: operations["createExport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List uploads */
        get: operations["listUploads"];
        put?: never;
        /**
         * Upload files
         * @description One or more files as `multipart/form-data`, one file as the body itself (with `X-Filename`), or `{"url"}` as JSON for a file to fetch. Streamed to the storage and judged by content; on any fault nothing is kept. An upload that no job takes expires after 24 hours.
         */
        post: operations["createUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an upload */
        get: operations["getUpload"];
        put?: never;
        post?: never;
        /** Delete an upload */
        delete: operations["deleteUpload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/resumable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin a resumable upload
         * @description tus 1.0 with the extensions creation, creation-with-upload, creation-defer-length, expiration, checksum and termination: use any tus client. `Location` is where the bytes go; HEAD there says in `Upload-Offset` how many are kept, and in `Clipline-Upload-Id` which upload the file has become. A body of type `application/offset+octet-stream` is taken as the first of them. It must be whole within 24 hours.
         */
        post: operations["createResumableUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/resumable/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Forget a resumable upload
         * @description What has come of it is deleted. An upload that it has become already stays.
         */
        delete: operations["deleteResumableUpload"];
        options?: never;
        head?: never;
        /**
         * Send bytes of a resumable upload
         * @description From `Upload-Offset` on, as many as you like. What came before a broken connection is kept. With the last byte the file is judged like any other upload, and `Clipline-Upload-Id` names what it became.
         */
        patch: operations["continueResumableUpload"];
        trace?: never;
    };
    "/v1/artifacts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the facts of a file */
        get: operations["getArtifact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/artifacts/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a file
         * @description The file itself, or a part of it with `Range`; where files are kept in S3, a redirection to a URL that serves it for 15 minutes. Its `ETag` is its SHA-256.
         */
        get: operations["getArtifactContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/artifacts/{id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a link to a file for people without a key
         * @description The link is signed and not stored: making another one does no harm. A replay under its `Idempotency-Key` gives the same one, which may have ended by then. It ends with the file, with the tenant, and when the key that made it is revoked; that this key expires does not end it.
         */
        post: operations["createArtifactLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a token that reads the events of one job, or one batch
         * @description For browsers, whose EventSource sends no headers. A stream that is open when the token ends stays open. When the key that made the token is revoked or expires, the token ends, and so do its streams with their next heartbeat. The token is signed and not stored: making another one does no harm. A replay under its `Idempotency-Key` gives the same one, which may have ended by then.
         */
        post: operations["createStreamToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/skills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the skills */
        get: operations["listSkills"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/skills/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a skill */
        get: operations["getSkill"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the credits of the provider account */
        get: operations["getCredits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what was used
         * @description Jobs by how they ended, credits, and what was made, by day (UTC), skill or tag. Exact at once. A job with several tags counts under each of them, so that tags may add up to more than the total.
         */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List endpoints for callbacks */
        get: operations["listCallbackEndpoints"];
        put?: never;
        /**
         * Register an endpoint for callbacks
         * @description From now on the endpoint is told of the events it asks for, of every job of the tenant. Its secret is shown in this answer and never again. A tenant may have 50 endpoints; one more is refused (422 `out_of_range`).
         */
        post: operations["createCallbackEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-endpoints/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an endpoint a test
         * @description A delivery of its own, signed and recorded like any other, of type `callback_endpoint.test`; it is tried once. Read it to see how it went.
         */
        post: operations["testCallbackEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an endpoint for callbacks */
        get: operations["getCallbackEndpoint"];
        put?: never;
        post?: never;
        /**
         * Delete an endpoint for callbacks
         * @description Deliveries that still wait for it are given up; of more than a thousand, the others follow within minutes.
         */
        delete: operations["deleteCallbackEndpoint"];
        options?: never;
        head?: never;
        /**
         * Change an endpoint for callbacks
         * @description What is left out stays. Deliveries under way go to a new URL from their next try on, and the failures of the former one are forgotten.
         */
        patch: operations["updateCallbackEndpoint"];
        trace?: never;
    };
    "/v1/callback-endpoints/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give an endpoint a new secret
         * @description For `overlap_s` seconds (a day when left out) callbacks carry the signatures of both secrets. The new one is shown in this answer and never again. Rotating again within that time ends the one before the last.
         */
        post: operations["rotateCallbackEndpointSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-endpoints/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable a disabled endpoint
         * @description Its failures are forgotten, and what had to wait while it was disabled is delivered; of more than a thousand deliveries, the others follow within minutes. Of events that happened meanwhile there are no deliveries.
         */
        post: operations["enableCallbackEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-endpoints/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable an endpoint
         * @description No more deliveries are made for it, and those that wait are put aside until it is enabled again; a try under way still ends. The feed and the other endpoints are told as if it had disabled itself. One that is disabled already stays as it is.
         */
        post: operations["disableCallbackEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the secret that signs the callbacks of jobs */
        get: operations["getCallbackSecret"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-secret/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace the secret that signs the callbacks of jobs
         * @description For `overlap_s` seconds (a day when left out) callbacks carry the signatures of both secrets. Rotating again within that time ends the one before the last.
         */
        post: operations["rotateCallbackSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/clipline-keys.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the public keys that verify callbacks
         * @description A JSON Web Key Set. Every callback has, besides its `v1` signature, a `v1a` one (ed25519) by one of these keys.
         */
        get: operations["getCallbackKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deliveries of callbacks
         * @description Newest first, each with every try and the first bytes of what was answered.
         */
        get: operations["listCallbackDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a delivery of a callback */
        get: operations["getCallbackDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/callback-deliveries/{id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver a callback again
         * @description Whatever came of it before: the same `webhook-id` and the same bytes, signed with the present secret, with a whole schedule of tries. One that waits has its next try now, or as soon as a try that is under way has ended.
         */
        post: operations["redeliverCallback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intakes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List intakes */
        get: operations["listIntakes"];
        put?: never;
        /**
         * Let the webhooks of another service make jobs
         * @description Give the sender `links.receive` as its URL, and the secret. A secret that Clipline makes is shown in this answer and never again; one that you give is not repeated. The mapping is checked here and run for every event, for half a second at most, with nothing in sight but the payload.
         */
        post: operations["createIntake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intakes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an intake */
        get: operations["getIntake"];
        put?: never;
        post?: never;
        /**
         * Delete an intake
         * @description Nothing more comes in, and the events that were kept as failures are gone. The jobs that it made stay.
         */
        delete: operations["deleteIntake"];
        options?: never;
        head?: never;
        /**
         * Change an intake
         * @description What is left out stays; `defaults` and `verifier` are replaced as a whole. A new secret holds at once: what is still signed with the former one is refused. `secret` is null unless Clipline made a new one, which it does where the type changes and none is given.
         */
        patch: operations["updateIntake"];
        trace?: never;
    };
    "/v1/intakes/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * See what an intake would make of an event
         * @description Nothing is stored and no job is made; the signature is not asked for. With `mapping` or `defaults`, others than those of the intake are tried.
         */
        post: operations["testIntake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intakes/{id}/failures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the events of which no job could be made
         * @description Newest first, with why; each is kept with its body until it is retried with success, deleted, or as old as the tenant keeps things. Read one for its body.
         */
        get: operations["listIntakeFailures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intakes/{id}/failures/{failure_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an event of which no job could be made */
        get: operations["getIntakeFailure"];
        put?: never;
        post?: never;
        /** Delete what is kept of a failed event */
        delete: operations["deleteIntakeFailure"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intakes/{id}/failures/{failure_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a failed event again
         * @description By the mapping and the defaults that the intake has now. An event becomes one job at most, so retrying it twice is harmless and needs no idempotency key: the second time answers 200 with the same job.
         */
        post: operations["retryIntakeFailure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/in/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an event of another service in
         * @description For the sender of the webhook: no API key, the intake says how the raw body is signed. The event becomes a job once: what is sent again answers 200 with the same job and `Idempotency-Replayed: true`. An event of which no job can be made answers 422 and is kept. JSON, or a form.
         */
        post: operations["receiveEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description Newest first, those that were revoked too.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Make an API key
         * @description The key is shown in this answer and never again; only its hash is kept.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what is known of an API key */
        get: operations["getKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description It lets nobody in any more, at the latest after two seconds. That cannot be undone.
         */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/provider-account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read whether the tenant has a provider account of its own
         * @description Without one, which is a 404, its jobs are done with the account of the installation.
         */
        get: operations["getProviderAccount"];
        /**
         * Let the jobs of the tenant be done with a provider account of its own
         * @description Workers use the new token within 15 seconds. Jobs under way go on with it too: when it belongs to another account of the provider, those that have a session there fail.
         */
        put: operations["setProviderAccount"];
        post?: never;
        /**
         * Give the account of the tenant up
         * @description Its token is erased. New jobs are done with the account of the installation; those that had begun with the own one fail with `provider_auth_failed`.
         */
        delete: operations["removeProviderAccount"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tenants */
        get: operations["listTenants"];
        put?: never;
        /**
         * Make a tenant
         * @description It has no key yet: POST /v1/admin/keys makes one.
         */
        post: operations["createTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/tenants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a tenant */
        get: operations["getTenant"];
        put?: never;
        post?: never;
        /**
         * Delete a tenant
         * @description Its keys, endpoints and provider account end with it. What its finished jobs left is kept until its retention ends, and its name stays taken.
         */
        delete: operations["deleteTenant"];
        options?: never;
        head?: never;
        /**
         * Change a tenant
         * @description What is left out stays. A new limit holds at once, or within seconds in other processes; `retention_days` holds for files that are made from now on.
         */
        patch: operations["updateTenant"];
        trace?: never;
    };
    "/v1/admin/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the API keys of all tenants, or of one */
        get: operations["listTenantKeys"];
        put?: never;
        /**
         * Make an API key for a tenant
         * @description As for one’s own tenant: shown in this answer and never again, and only with scopes that the key that asks has.
         */
        post: operations["createTenantKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what is known of an API key of any tenant */
        get: operations["getTenantKey"];
        put?: never;
        post?: never;
        /** Revoke an API key of any tenant */
        delete: operations["revokeTenantKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/provider-accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the accounts at the provider, without their tokens */
        get: operations["listProviderAccounts"];
        put?: never;
        /**
         * Let the jobs of a tenant be done with a provider account of its own
         * @description As the tenant itself does it with PUT /v1/provider-account, which also replaces the token and gives the account up.
         */
        post: operations["createProviderAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/provider-accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an account at the provider, without its token */
        get: operations["readProviderAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the limit of an account at the provider
         * @description It holds from the next tick of the dispatcher on. Jobs under way go on, also where there are more of them than it says.
         */
        patch: operations["updateProviderAccount"];
        trace?: never;
    };
    "/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read who changed keys, tenants and provider accounts
         * @description Newest first. The log is only ever added to.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the process alive? */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can the process do its work?
         * @description Each check writes something and reads it back. With the queue down, jobs can still be accepted, so that alone leaves the API ready.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the metrics of the process
         * @description In the text format of Prometheus, which takes the key as `authorization: {credentials: …}`. Each process has its own; a worker also serves them on WORKER_PORT, without a key. No label names a tenant.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    jobEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Something happened to a job
         * @description Sent for each event that the callback asked for, until it is answered with 2xx. The signature is over `{webhook-id}.{webhook-timestamp}.{body}`. `job.queued`: The job was accepted. `job.started`: A worker took the job for the first time. `job.stage_started`: A stage began. `job.stage_finished`: A stage was done. `job.progress`: The progress rose. `job.message`: The provider said something. `job.waiting`: The job waits, for a reason that is new. `job.retrying`: A try failed; the next one comes after a delay. `job.rescued`: The holder of the job was lost; another worker took it over. `job.redriven`: A failed job was put back in the queue by a client. `job.succeeded`: The file is stored and checked. `job.failed`: The job ended without a file. `job.canceled`: The job was canceled.
         */
        post: operations["onJobEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    batchEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A batch has ended
         * @description `batch.completed` goes to the callback of the batch, and to the endpoints of the tenant that asked for it; its state says how the batch ended. A batch that is redriven ends again.
         */
        post: operations["onBatchEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    callbackEndpointEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Something happened to an endpoint
         * @description `callback_endpoint.test` goes to the endpoint that is tested; `callback_endpoint.disabled` to the tenant’s other endpoints that asked for it.
         */
        post: operations["onCallbackEndpointEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Answer: {
            /** @enum {string} */
            action: "generate" | "export" | "upload" | "credits" | "status" | "subtitles";
            /** @description For people. Once the job has ended: the words of the provider, or how it ended. */
            reply: string;
            /** @description Where something is made, handed over or rendered. */
            job?: components["schemas"]["Job"];
            credits?: components["schemas"]["Credits"];
            timeline?: components["schemas"]["Timeline"];
            subtitles?: {
                /** @enum {string} */
                format: "srt" | "vtt";
                content: string;
            };
        };
        ApiKey: {
            id: string;
            tenant_id: string;
            name: string;
            scopes: ("jobs:read" | "jobs:write" | "uploads:write" | "callbacks:read" | "callbacks:write" | "intakes:read" | "intakes:write" | "usage:read" | "keys:write" | "admin")[];
            expires_at: string | null;
            revoked_at: string | null;
            /** @description To the minute. */
            last_used_at: string | null;
            /** Format: date-time */
            created_at: string;
            links: {
                self: string;
            };
        };
        ApiKeyRequestInput: {
            /** @description For people, to tell keys apart. */
            name: string;
            /** @description What the key may do. A key can grant only scopes that it has. */
            scopes: ("jobs:read" | "jobs:write" | "uploads:write" | "callbacks:read" | "callbacks:write" | "intakes:read" | "intakes:write" | "usage:read" | "keys:write" | "admin")[];
            /**
             * @description From when on it lets nobody in; null: never.
             * @default null
             */
            expires_at?: string | null;
        };
        ApiKeyWithSecret: {
            id: string;
            tenant_id: string;
            name: string;
            scopes: ("jobs:read" | "jobs:write" | "uploads:write" | "callbacks:read" | "callbacks:write" | "intakes:read" | "intakes:write" | "usage:read" | "keys:write" | "admin")[];
            expires_at: string | null;
            revoked_at: string | null;
            /** @description To the minute. */
            last_used_at: string | null;
            /** Format: date-time */
            created_at: string;
            links: {
                self: string;
            };
            /** @description What goes behind `Authorization: Bearer`. Shown here and never again. */
            key: string;
        };
        Artifact: {
            id: string;
            /** @description The file. Needs the API key. */
            url: string;
            content_type: string;
            size_bytes: number;
            sha256: string;
            width: number | null;
            height: number | null;
            duration_s: number;
            video_codec: string | null;
            audio_codec: string | null;
            expires_at: string | null;
        };
        ArtifactLink: {
            /** @description Opens the file for whoever has it, without a key. */
            url: string;
            /**
             * Format: date-time
             * @description At the latest when the file itself ends.
             */
            expires_at: string;
        };
        Attempt: {
            /** @description Which run of the job: 1 at first, one more with each redrive. */
            attempt: number;
            stage: string;
            /** @description 0 is the prompt, then the steps. */
            message_no: number;
            try: number;
            /** @enum {string} */
            outcome: "done" | "wait" | "fail" | "canceled" | "lost" | "released";
            failure_code: string | null;
            detail: {
                [key: string]: unknown;
            };
            /** @description What was said to the provider, and what it answered. */
            calls: components["schemas"]["ProviderCall"][];
            /** @description Calls beyond those that are kept. */
            calls_omitted: number;
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            finished_at: string;
            ms: number;
        };
        AuditEntry: {
            id: string;
            /** Format: date-time */
            at: string;
            /** @description The API key that did it. */
            key_id: string;
            /** @description Whose thing it was done to. */
            tenant_id: string;
            /** @enum {string} */
            action: "intake.created" | "intake.updated" | "intake.deleted" | "intake_failure.deleted" | "job.erased" | "key.created" | "key.revoked" | "tenant.created" | "tenant.updated" | "tenant.deleted" | "provider_account.set" | "provider_account.updated" | "provider_account.removed";
            subject_id: string;
            request_id: string;
            /** @description What was set; never a secret. */
            detail: {
                [key: string]: unknown;
            };
        };
        Batch: {
            id: string;
            name: string | null;
            /**
             * @description `open` takes lines; `running` and `canceling` since it was closed. It ends as `completed` (every line succeeded), `completed_with_errors`, `failed` (none succeeded, or `all_or_nothing` with a bad line) or `canceled`.
             * @enum {string}
             */
            state: "open" | "running" | "canceling" | "completed" | "completed_with_errors" | "failed" | "canceled";
            /** @description Without the secret of their callback. */
            defaults: {
                [key: string]: unknown;
            };
            callback: {
                url: string;
                events: string[];
                headers: {
                    [key: string]: string;
                };
            } | null;
            max_credits: number | null;
            all_or_nothing: boolean;
            metadata: {
                [key: string]: string;
            };
            /** @description Lines that became jobs, and lines that did not. */
            lines: {
                accepted: number;
                rejected: number;
                total: number;
            };
            jobs: {
                /** @description Not let go of yet: the batch is open, or the queue of the tenant is full. */
                held: number;
                queued: number;
                running: number;
                waiting: number;
                succeeded: number;
                failed: number;
                canceled: number;
            };
            credits: {
                estimated: number;
                spent: number;
                /** @description The part of spent of which nobody can tell whether it was charged. */
                at_risk: number;
            };
            /** @description The part of its jobs that have ended. */
            progress: number;
            /** @description When it may end, at its pace so far. Null before it has one, and once it has ended. */
            eta: string | null;
            /** @description The last one. */
            redrive: {
                /** Format: date-time */
                requested_at: string;
                /** @description Null: whatever they failed with. */
                failure_codes: string[] | null;
                accept_cost: boolean;
                /** @description Jobs that run again. */
                redriven: number;
                /** @description Jobs that would cost again, which was not accepted, or cannot run again. */
                skipped: number;
                /** @description Every failed job was looked at. */
                done: boolean;
            } | null;
            /** Format: date-time */
            created_at: string;
            closed_at: string | null;
            finished_at: string | null;
            links: {
                self: string;
                /** @description Null unless it is open. */
                lines: string | null;
                /** @description Null unless it is open. */
                close: string | null;
                /** @description Null when it has ended, or is being canceled. */
                cancel: string | null;
                /** @description Null unless a job of it has failed. */
                redrive: string | null;
                jobs: string;
                results: string;
                errors: string;
            };
        };
        BatchRedriveRequestInput: {
            /** @description Only jobs that failed with one of these; all failed ones when left out. */
            failure_codes?: ("invalid_input" | "unsupported_media_type" | "media_too_large" | "input_unreachable" | "provider_auth_failed" | "provider_session_lost" | "out_of_credits" | "export_not_allowed" | "provider_rate_limited" | "provider_unavailable" | "provider_rejected" | "generation_failed" | "generation_timeout" | "generation_outcome_unknown" | "awaiting_input" | "draft_not_exportable" | "render_failed" | "render_timeout" | "artifact_invalid" | "storage_failed" | "budget_exceeded" | "deadline_exceeded" | "start_deadline_exceeded" | "canceled" | "internal")[];
            /**
             * @description Messages that may have been paid for already may be sent, and paid, again.
             * @default false
             */
            accept_cost?: boolean;
        };
        BatchRequestInput: {
            name?: string;
            /**
             * @description Fields of a job that hold for every line that does not say otherwise, merged as RFC 7396 merges: objects field by field, and `null` takes a default away.
             * @default {}
             */
            defaults?: {
                [key: string]: unknown;
            };
            /** @description Told when the batch has ended. What is told of each job is a default: `defaults.callback`. */
            callback?: {
                url: string;
                /**
                 * @default [
                 *       "batch.completed"
                 *     ]
                 */
                events?: "batch.completed"[];
                /**
                 * @description Sent along with every delivery.
                 * @default {}
                 */
                headers?: {
                    [key: string]: string;
                };
                /** @description Signs the delivery; without it, the secret of the tenant does. */
                secret?: string;
            };
            /** @description What all of its jobs together may spend. A message that would spend more is not sent. */
            max_credits?: number;
            /**
             * @description With any bad line, nothing is started and the batch fails when it is closed.
             * @default false
             */
            all_or_nothing?: boolean;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            };
        };
        CallbackDelivery: {
            id: string;
            /** @description Null where the event is none of a job. */
            job_id: string | null;
            /** @description Null where the event is none of a batch. */
            batch_id: string | null;
            /** @description Null for the own callback of a job or a batch. */
            endpoint_id: string | null;
            /** @description Null when the receiver is no longer there. */
            url: string | null;
            event: {
                /** @description The `webhook-id` of every try. */
                id: string;
                type: string;
                sequence: number;
            };
            /**
             * @description `failed`: trying again would change nothing. `exhausted`: every try of the schedule was made.
             * @enum {string}
             */
            state: "waiting" | "delivered" | "failed" | "exhausted";
            /** @description Null when there is none, or its endpoint is disabled. */
            next_try_at: string | null;
            /** @description When it was first answered with 2xx. */
            delivered_at: string | null;
            /** Format: date-time */
            created_at: string;
            tries: {
                no: number;
                /** Format: date-time */
                started_at: string;
                ms: number;
                /**
                 * @description `gone`: the receiver answered 410. `refused`: its address is not allowed, or it was deleted.
                 * @enum {string}
                 */
                outcome: "delivered" | "gone" | "retry" | "refused";
                /** @description Null when no answer came. */
                http_status: number | null;
                error: string | null;
                /** @description The first KiB of the answer. */
                response: string | null;
            }[];
            links: {
                self: string;
                job: string | null;
                batch: string | null;
                endpoint: string | null;
                redeliver: string;
            };
        };
        CallbackEndpoint: {
            id: string;
            url: string;
            events: string[];
            description: string | null;
            /** @enum {string} */
            state: "enabled" | "disabled";
            disabled_at: string | null;
            /** @description `gone`: it answered 410. `failing`: nothing but failures for five days, ten at least. `requested`: POST …/disable. */
            disabled_reason: ("gone" | "failing" | "requested") | null;
            /** @description Since when every try has failed. */
            failing_since: string | null;
            /** @description Failed tries in a row. */
            failures: number;
            /** @description Until when the former secret signs too; null when it does not. */
            previous_secret_expires_at: string | null;
            /** Format: date-time */
            created_at: string;
            links: {
                self: string;
                deliveries: string;
                test: string;
                rotate: string;
                /** @description Null while it is enabled. */
                enable: string | null;
                /** @description Null while it is disabled. */
                disable: string | null;
            };
        };
        CallbackEndpointPatchInput: {
            url?: string;
            events?: ("job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled" | "batch.completed" | "callback_endpoint.disabled")[];
            description?: string | null;
        };
        CallbackEndpointRequestInput: {
            /** @description Where callbacks go. */
            url: string;
            /** @description What it is told of: the three endings when left out. */
            events?: ("job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled" | "batch.completed" | "callback_endpoint.disabled")[];
            /** @default null */
            description?: string | null;
        };
        CallbackEndpointWithSecret: {
            id: string;
            url: string;
            events: string[];
            description: string | null;
            /** @enum {string} */
            state: "enabled" | "disabled";
            disabled_at: string | null;
            /** @description `gone`: it answered 410. `failing`: nothing but failures for five days, ten at least. `requested`: POST …/disable. */
            disabled_reason: ("gone" | "failing" | "requested") | null;
            /** @description Since when every try has failed. */
            failing_since: string | null;
            /** @description Failed tries in a row. */
            failures: number;
            /** @description Until when the former secret signs too; null when it does not. */
            previous_secret_expires_at: string | null;
            /** Format: date-time */
            created_at: string;
            links: {
                self: string;
                deliveries: string;
                test: string;
                rotate: string;
                /** @description Null while it is enabled. */
                enable: string | null;
                /** @description Null while it is disabled. */
                disable: string | null;
            };
            /** @description What its callbacks are signed with. Shown here and never again. */
            secret: string;
        };
        CallbackSecret: {
            /** @description Signs the callbacks of jobs that bring no secret of their own. */
            secret: string;
            /** @description The former secret, as long as it signs too. */
            previous: {
                secret: string;
                /** Format: date-time */
                expires_at: string;
            } | null;
        };
        Cancellation: {
            /** @enum {string} */
            outcome: "canceled" | "canceling";
            credits_spent: number;
            job: components["schemas"]["Job"];
        };
        Credits: {
            available: number;
            /** @description Reserved by work under way. */
            frozen: number;
            total: number;
            /** @description When the token of the account ends, if it does. */
            token_expires_at: string | null;
        };
        Event: {
            id: string;
            /** @description The number of the event within its job, without gaps; 0 where it is none of a job. */
            seq: number;
            /** @enum {string} */
            type: "job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled" | "batch.completed" | "callback_endpoint.disabled";
            /** @description Null for what happens to other things: only the feed of the tenant has that. */
            job_id: string | null;
            /** Format: date-time */
            at: string;
            data: {
                [key: string]: unknown;
            };
        };
        Explanation: {
            /** @enum {string} */
            state: "queued" | "running" | "waiting" | "succeeded" | "failed" | "canceled";
            /** @enum {string} */
            stage: "auth" | "session" | "upload" | "generate" | "confirm" | "export" | "render" | "deliver";
            /** @description Null when the job has ended. */
            waiting_for: {
                /** @enum {string} */
                kind: "schedule" | "batch" | "session" | "tenant_concurrency" | "account_concurrency" | "workers" | "turn" | "work" | "rescue" | "cancel" | "retry" | "provider" | "token" | "outcome" | "render";
                detail: string;
                until: string | null;
            } | null;
            /** @description Queued jobs of the tenant that come first, counted up to 100,000. */
            ahead: number;
            /** @description What the job stands under; nothing when it has ended. Credits, spent and reserved, only where they are limited: by the job’s `max_credits` (`job_credits`), its batch’s (`batch_credits`), and `max_credits_per_day` of the tenant (`day_credits`, today in UTC). They are shown of a job that failed with `budget_exceeded`, too. */
            limits: {
                /** @enum {string} */
                name: "tenant_concurrency" | "account_concurrency" | "worker_slots" | "job_credits" | "batch_credits" | "day_credits";
                used: number;
                max: number;
            }[];
            next_attempt_at: string | null;
            last_failure: {
                /** @enum {string} */
                code: "invalid_input" | "unsupported_media_type" | "media_too_large" | "input_unreachable" | "provider_auth_failed" | "provider_session_lost" | "out_of_credits" | "export_not_allowed" | "provider_rate_limited" | "provider_unavailable" | "provider_rejected" | "generation_failed" | "generation_timeout" | "generation_outcome_unknown" | "awaiting_input" | "draft_not_exportable" | "render_failed" | "render_timeout" | "artifact_invalid" | "storage_failed" | "budget_exceeded" | "deadline_exceeded" | "start_deadline_exceeded" | "canceled" | "internal";
                message: string | null;
                /** @enum {string} */
                stage: "auth" | "session" | "upload" | "generate" | "confirm" | "export" | "render" | "deliver";
                /** Format: date-time */
                at: string;
            } | null;
            /** @description A guess; null for a job that has started, and where nobody can tell. */
            predicted_start_at: string | null;
            suggestions: string[];
        };
        ExportRequestInput: {
            /**
             * @description Wishes for the file; what it shows is a matter of messages.
             * @default {}
             */
            output?: {
                /** @enum {string} */
                format?: "mp4";
                /** @enum {string} */
                quality?: "low" | "medium" | "high";
                resolution?: string;
            };
            callback?: {
                url: string;
                /**
                 * @description Which events are told; the three endings when left out.
                 * @default [
                 *       "job.succeeded",
                 *       "job.failed",
                 *       "job.canceled"
                 *     ]
                 */
                events?: ("job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled")[];
                /**
                 * @description Sent along with every delivery.
                 * @default {}
                 */
                headers?: {
                    [key: string]: string;
                };
                /** @description Signs the deliveries of this job; without it, the secret of the tenant does. */
                secret?: string;
            };
            /** @default {} */
            metadata?: {
                [key: string]: string;
            };
            /** @default [] */
            tags?: string[];
        };
        FeedGap: {
            from: string | null;
            to: string;
        };
        /** @description An HTTP archive, version 1.2. */
        Har: {
            log: {
                /** @constant */
                version: "1.2";
                creator: {
                    name: string;
                    version: string;
                };
                entries: {
                    /** Format: date-time */
                    startedDateTime: string;
                    time: number;
                    request: {
                        method: string;
                        url: string;
                        httpVersion: string;
                        cookies: {
                            name: string;
                            value: string;
                        }[];
                        headers: {
                            name: string;
                            value: string;
                        }[];
                        queryString: {
                            name: string;
                            value: string;
                        }[];
                        headersSize: number;
                        bodySize: number;
                        postData?: {
                            mimeType: string;
                            text: string;
                        };
                    };
                    response: {
                        /** @description 0 where no answer came. */
                        status: number;
                        statusText: string;
                        httpVersion: string;
                        cookies: {
                            name: string;
                            value: string;
                        }[];
                        headers: {
                            name: string;
                            value: string;
                        }[];
                        content: {
                            size: number;
                            mimeType: string;
                            text?: string;
                        };
                        redirectURL: string;
                        headersSize: number;
                        bodySize: number;
                    };
                    cache: Record<string, never>;
                    timings: {
                        send: number;
                        wait: number;
                        receive: number;
                    };
                    comment: string;
                }[];
            };
        };
        Intake: {
            id: string;
            name: string;
            /** @description How events are verified; what the type does not use is null. The secret is never shown again. */
            verifier: {
                /** @enum {string} */
                type: "standard-webhooks" | "hmac-sha256" | "github" | "none";
                header: string | null;
                encoding: ("hex" | "base64") | null;
                prefix: string | null;
                id_header: string | null;
                replay_window_s: number | null;
            };
            mapping: string;
            defaults: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            links: {
                self: string;
                /** @description Where the sender sends its events: no API key is needed. */
                receive: string;
                test: string;
                failures: string;
            };
        };
        IntakeDefaultsInput: {
            /**
             * @description One of GET /v1/skills.
             * @default free-video-generation-api
             */
            skill?: string;
            /** @description What the video shows. Passed on as it is, and not logged. */
            prompt?: string;
            /**
             * @description Further messages, sent one after the other before the export. Each may cost credits.
             * @default []
             */
            steps?: string[];
            /** @default [] */
            inputs?: ({
                /** @description A file of POST /v1/uploads. */
                upload_id: string;
            } | {
                /** @description A public https URL of the file itself. */
                url: string;
                /**
                 * @description Who fetches it: the provider, which then judges it, or Clipline, which checks it first.
                 * @default provider
                 * @enum {string}
                 */
                fetch?: "provider" | "clipline";
            })[];
            /**
             * @description Wishes for the file. Where the file differs, the job warns; it does not fail.
             * @default {}
             */
            output?: {
                /** @enum {string} */
                format?: "mp4";
                /** @enum {string} */
                quality?: "low" | "medium" | "high";
                aspect_ratio?: string;
                resolution?: string;
                duration_s?: number;
            };
            language?: string;
            session_id?: string;
            callback?: {
                url: string;
                /**
                 * @description Which events are told; the three endings when left out.
                 * @default [
                 *       "job.succeeded",
                 *       "job.failed",
                 *       "job.canceled"
                 *     ]
                 */
                events?: ("job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled")[];
                /**
                 * @description Sent along with every delivery.
                 * @default {}
                 */
                headers?: {
                    [key: string]: string;
                };
                /** @description Signs the deliveries of this job; without it, the secret of the tenant does. */
                secret?: string;
            };
            /**
             * @default normal
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            /**
             * Format: date-time
             * @description Not before this time; at most a year from now.
             */
            run_at?: string;
            /** @description Fail unless started in time, from run_at. */
            start_deadline_s?: number;
            /** @description Fail unless finished in time, from run_at. */
            deadline_s?: number;
            max_credits?: number;
            /**
             * @description What to do when nobody can tell whether the provider took a message.
             * @default fail
             * @enum {string}
             */
            on_unknown?: "fail" | "resend_if_proven_absent";
            /** @default {} */
            metadata?: {
                [key: string]: string;
            };
            /** @default [] */
            tags?: string[];
            dedupe?: {
                key: string;
                /**
                 * @description How long the key holds, from the creation of the job.
                 * @default 600
                 */
                ttl_s?: number;
                /**
                 * @description What a second job of the same key does; replace cancels the first one.
                 * @default return_existing
                 * @enum {string}
                 */
                on_conflict?: "return_existing" | "reject" | "replace";
            };
        };
        IntakeFailure: {
            id: string;
            intake_id: string;
            event_id: string;
            /**
             * @description `resolved`: it has become a job after all.
             * @enum {string}
             */
            state: "open" | "resolved";
            problem: {
                /** @enum {string} */
                code: "mapping_failed" | "job_refused";
                detail: string;
                /** @description For `job_refused`, pointers into what the mapping made. */
                errors: {
                    pointer: string;
                    code: string;
                    detail: string;
                }[];
            };
            content_type: string;
            /** @description How often it was tried. */
            tries: number;
            job_id: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            tried_at: string;
            /**
             * Format: date-time
             * @description Until when it is kept.
             */
            expires_at: string;
            links: {
                self: string;
                retry: string;
                job: string | null;
            };
        };
        IntakePatchInput: {
            /** @description For people, to tell intakes apart. */
            name?: string;
            /** @description As a whole. Its secret may be left out where the type stays the same: then it stays too. */
            verifier?: {
                /** @constant */
                type: "standard-webhooks";
                /** @description What the sender signs with. Left out: one is made, and shown this once. */
                secret?: string;
            } | {
                /** @constant */
                type: "hmac-sha256";
                /** @description What the sender signs with. Left out: one is made, and shown this once. */
                secret?: string;
                /** @description Where the signature stands. */
                header?: string;
                /**
                 * @default hex
                 * @enum {string}
                 */
                encoding?: "hex" | "base64";
                /**
                 * @description What stands before the signature, such as `sha256=`.
                 * @default
                 */
                prefix?: string;
                /** @description The header that names the event; without it, the digest of the body does. */
                id_header?: string;
                /**
                 * @description For so many seconds a body that was signed and has become a job is not taken again under another id, because its signature says nothing of the id; 0 switches that off. At most as long as events are kept.
                 * @default 86400
                 */
                replay_window_s?: number;
            } | {
                /** @constant */
                type: "github";
                /** @description What the sender signs with. Left out: one is made, and shown this once. */
                secret?: string;
                /**
                 * @description For so many seconds a body that was signed and has become a job is not taken again under another id, because its signature says nothing of the id; 0 switches that off. At most as long as events are kept.
                 * @default 86400
                 */
                replay_window_s?: number;
            } | {
                /** @constant */
                type: "none";
                /** @description The header that names the event; without it, the digest of the body does. */
                id_header?: string;
            };
            /** @description JSONata, from the payload to the body of a job. Where it gives `null`, the event makes no job, and that is fine. */
            mapping?: string;
            /** @description Fields of a job for what the mapping leaves out; objects are merged field by field. */
            defaults?: components["schemas"]["IntakeDefaultsInput"];
        };
        IntakeRequestInput: {
            /** @description For people, to tell intakes apart. */
            name: string;
            verifier: {
                /** @constant */
                type: "standard-webhooks";
                /** @description What the sender signs with. Left out: one is made, and shown this once. */
                secret?: string;
            } | {
                /** @constant */
                type: "hmac-sha256";
                /** @description What the sender signs with. Left out: one is made, and shown this once. */
                secret?: string;
                /** @description Where the signature stands. */
                header?: string;
                /**
                 * @default hex
                 * @enum {string}
                 */
                encoding?: "hex" | "base64";
                /**
                 * @description What stands before the signature, such as `sha256=`.
                 * @default
                 */
                prefix?: string;
                /** @description The header that names the event; without it, the digest of the body does. */
                id_header?: string;
                /**
                 * @description For so many seconds a body that was signed and has become a job is not taken again under another id, because its signature says nothing of the id; 0 switches that off. At most as long as events are kept.
                 * @default 86400
                 */
                replay_window_s?: number;
            } | {
                /** @constant */
                type: "github";
                /** @description What the sender signs with. Left out: one is made, and shown this once. */
                secret?: string;
                /**
                 * @description For so many seconds a body that was signed and has become a job is not taken again under another id, because its signature says nothing of the id; 0 switches that off. At most as long as events are kept.
                 * @default 86400
                 */
                replay_window_s?: number;
            } | {
                /** @constant */
                type: "none";
                /** @description The header that names the event; without it, the digest of the body does. */
                id_header?: string;
            };
            /** @description JSONata, from the payload to the body of a job. Where it gives `null`, the event makes no job, and that is fine. */
            mapping: string;
            /** @description Fields of a job for what the mapping leaves out; objects are merged field by field. */
            defaults?: components["schemas"]["IntakeDefaultsInput"];
        };
        IntakeTrialInput: {
            /** @description What the sender would send. */
            payload: unknown;
            /** @description To try another one than that of the intake. */
            mapping?: string;
            /** @description To try others than those of the intake. */
            defaults?: components["schemas"]["IntakeDefaultsInput"];
        };
        IntakeTrialResult: {
            /** @enum {string} */
            outcome: "accepted" | "ignored" | "mapping_failed" | "job_refused";
            /** @description The body of the job, defaults and all; null where the mapping gave none. */
            mapped: {
                [key: string]: unknown;
            } | null;
            /** @description The job as it would be taken; null where it would not. */
            preview: components["schemas"]["JobPreview"] | null;
            /** @description Why it would not. Pointers lead into `mapped`. */
            problems: {
                pointer: string;
                code: string;
                detail: string;
            }[];
        };
        IntakeWithSecret: {
            id: string;
            name: string;
            /** @description How events are verified; what the type does not use is null. The secret is never shown again. */
            verifier: {
                /** @enum {string} */
                type: "standard-webhooks" | "hmac-sha256" | "github" | "none";
                header: string | null;
                encoding: ("hex" | "base64") | null;
                prefix: string | null;
                id_header: string | null;
                replay_window_s: number | null;
            };
            mapping: string;
            defaults: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            links: {
                self: string;
                /** @description Where the sender sends its events: no API key is needed. */
                receive: string;
                test: string;
                failures: string;
            };
            /** @description What the sender is to sign with, where Clipline has made it: shown here and never again. */
            secret: string | null;
        };
        Job: {
            id: string;
            /** @enum {string} */
            state: "queued" | "running" | "waiting" | "succeeded" | "failed" | "canceled";
            /** @enum {string} */
            stage: "auth" | "session" | "upload" | "generate" | "confirm" | "export" | "render" | "deliver";
            /**
             * @description video: from prompt to file. In a conversation: one message, files for it, or an export.
             * @enum {string}
             */
            purpose: "video" | "message" | "upload" | "export";
            skill: string;
            prompt: string;
            steps: string[];
            inputs: ({
                upload_id: string;
            } | {
                url: string;
                /** @enum {string} */
                fetch: "provider" | "clipline";
            })[];
            output: {
                format?: string;
                quality?: string;
                aspect_ratio?: string;
                resolution?: string;
                duration_s?: number;
            };
            /** @enum {string} */
            priority: "low" | "normal" | "high";
            /** @description 1 at first; rises with each redrive. */
            attempt: number;
            /** @description Falls only by a redrive; 1 only when it has succeeded. */
            progress: number;
            /** @description What the draft holds, in one line. */
            timeline: string | null;
            /** @description The last words of the provider. */
            message: string | null;
            artifact: components["schemas"]["Artifact"] | null;
            failure: {
                /** @enum {string} */
                code: "invalid_input" | "unsupported_media_type" | "media_too_large" | "input_unreachable" | "provider_auth_failed" | "provider_session_lost" | "out_of_credits" | "export_not_allowed" | "provider_rate_limited" | "provider_unavailable" | "provider_rejected" | "generation_failed" | "generation_timeout" | "generation_outcome_unknown" | "awaiting_input" | "draft_not_exportable" | "render_failed" | "render_timeout" | "artifact_invalid" | "storage_failed" | "budget_exceeded" | "deadline_exceeded" | "start_deadline_exceeded" | "canceled" | "internal";
                message: string;
                stage: ("auth" | "session" | "upload" | "generate" | "confirm" | "export" | "render" | "deliver") | null;
                /** @description May a redrive, or a new submit, help? */
                retryable: boolean;
                /** @description What a person can do. */
                hint: string;
            } | null;
            credits: {
                estimated: number;
                spent: number;
                /** @description The part of spent of which nobody can tell whether it was charged. */
                at_risk: number;
            };
            warnings: {
                code: string;
                message: string;
            }[];
            provider: {
                task_id: string | null;
                session_id: string | null;
                render_id: string | null;
                /** @description The provider's own copy of the file. */
                url: string | null;
            };
            session_id: string | null;
            batch_id: string | null;
            /** @description Of a line of a batch that has one. */
            custom_id: string | null;
            metadata: {
                [key: string]: string;
            };
            tags: string[];
            /** @description Milliseconds in the queue and in each stage. */
            timings: {
                [key: string]: number;
            };
            /** Format: date-time */
            created_at: string;
            started_at: string | null;
            finished_at: string | null;
            links: {
                self: string;
                events: string;
                attempts: string;
                /** @description Null when the job has ended. */
                cancel: string | null;
                /** @description Null unless the job has failed. */
                redrive: string | null;
                explain: string;
                /** @description Null until there is a session. */
                timeline: string | null;
                /** @description Null until there is a file. */
                artifact: string | null;
            };
        };
        JobPreview: {
            /** @constant */
            valid: true;
            estimate: {
                credits: number;
                /** Format: date-time */
                start_at: string;
                seconds: number;
            };
            warnings: {
                code: string;
                message: string;
            }[];
            normalized: components["schemas"]["JobRequest"];
        };
        JobRequest: {
            /**
             * @description One of GET /v1/skills.
             * @default free-video-generation-api
             */
            skill: string;
            /** @description What the video shows. Passed on as it is, and not logged. */
            prompt: string;
            /**
             * @description Further messages, sent one after the other before the export. Each may cost credits.
             * @default []
             */
            steps: string[];
            /** @default [] */
            inputs: ({
                /** @description A file of POST /v1/uploads. */
                upload_id: string;
            } | {
                /** @description A public https URL of the file itself. */
                url: string;
                /**
                 * @description Who fetches it: the provider, which then judges it, or Clipline, which checks it first.
                 * @default provider
                 * @enum {string}
                 */
                fetch: "provider" | "clipline";
            })[];
            /**
             * @description Wishes for the file. Where the file differs, the job warns; it does not fail.
             * @default {}
             */
            output: {
                /** @enum {string} */
                format?: "mp4";
                /** @enum {string} */
                quality?: "low" | "medium" | "high";
                aspect_ratio?: string;
                resolution?: string;
                duration_s?: number;
            };
            language?: string;
            session_id?: string;
            callback?: {
                url: string;
                /**
                 * @description Which events are told; the three endings when left out.
                 * @default [
                 *       "job.succeeded",
                 *       "job.failed",
                 *       "job.canceled"
                 *     ]
                 */
                events: ("job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled")[];
                /**
                 * @description Sent along with every delivery.
                 * @default {}
                 */
                headers: {
                    [key: string]: string;
                };
                /** @description Signs the deliveries of this job; without it, the secret of the tenant does. */
                secret?: string;
            };
            /**
             * @default normal
             * @enum {string}
             */
            priority: "low" | "normal" | "high";
            /**
             * Format: date-time
             * @description Not before this time; at most a year from now.
             */
            run_at?: string;
            /** @description Fail unless started in time, from run_at. */
            start_deadline_s?: number;
            /** @description Fail unless finished in time, from run_at. */
            deadline_s?: number;
            max_credits?: number;
            /**
             * @description What to do when nobody can tell whether the provider took a message.
             * @default fail
             * @enum {string}
             */
            on_unknown: "fail" | "resend_if_proven_absent";
            /** @default {} */
            metadata: {
                [key: string]: string;
            };
            /** @default [] */
            tags: string[];
            dedupe?: {
                key: string;
                /**
                 * @description How long the key holds, from the creation of the job.
                 * @default 600
                 */
                ttl_s: number;
                /**
                 * @description What a second job of the same key does; replace cancels the first one.
                 * @default return_existing
                 * @enum {string}
                 */
                on_conflict: "return_existing" | "reject" | "replace";
            };
            /**
             * @description Validate and estimate, and store nothing.
             * @default false
             */
            dry_run: boolean;
        };
        JobRequestInput: {
            /**
             * @description One of GET /v1/skills.
             * @default free-video-generation-api
             */
            skill?: string;
            /** @description What the video shows. Passed on as it is, and not logged. */
            prompt: string;
            /**
             * @description Further messages, sent one after the other before the export. Each may cost credits.
             * @default []
             */
            steps?: string[];
            /** @default [] */
            inputs?: ({
                /** @description A file of POST /v1/uploads. */
                upload_id: string;
            } | {
                /** @description A public https URL of the file itself. */
                url: string;
                /**
                 * @description Who fetches it: the provider, which then judges it, or Clipline, which checks it first.
                 * @default provider
                 * @enum {string}
                 */
                fetch?: "provider" | "clipline";
            })[];
            /**
             * @description Wishes for the file. Where the file differs, the job warns; it does not fail.
             * @default {}
             */
            output?: {
                /** @enum {string} */
                format?: "mp4";
                /** @enum {string} */
                quality?: "low" | "medium" | "high";
                aspect_ratio?: string;
                resolution?: string;
                duration_s?: number;
            };
            language?: string;
            session_id?: string;
            callback?: {
                url: string;
                /**
                 * @description Which events are told; the three endings when left out.
                 * @default [
                 *       "job.succeeded",
                 *       "job.failed",
                 *       "job.canceled"
                 *     ]
                 */
                events?: ("job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled")[];
                /**
                 * @description Sent along with every delivery.
                 * @default {}
                 */
                headers?: {
                    [key: string]: string;
                };
                /** @description Signs the deliveries of this job; without it, the secret of the tenant does. */
                secret?: string;
            };
            /**
             * @default normal
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            /**
             * Format: date-time
             * @description Not before this time; at most a year from now.
             */
            run_at?: string;
            /** @description Fail unless started in time, from run_at. */
            start_deadline_s?: number;
            /** @description Fail unless finished in time, from run_at. */
            deadline_s?: number;
            max_credits?: number;
            /**
             * @description What to do when nobody can tell whether the provider took a message.
             * @default fail
             * @enum {string}
             */
            on_unknown?: "fail" | "resend_if_proven_absent";
            /** @default {} */
            metadata?: {
                [key: string]: string;
            };
            /** @default [] */
            tags?: string[];
            dedupe?: {
                key: string;
                /**
                 * @description How long the key holds, from the creation of the job.
                 * @default 600
                 */
                ttl_s?: number;
                /**
                 * @description What a second job of the same key does; replace cancels the first one.
                 * @default return_existing
                 * @enum {string}
                 */
                on_conflict?: "return_existing" | "reject" | "replace";
            };
            /**
             * @description Validate and estimate, and store nothing.
             * @default false
             */
            dry_run?: boolean;
        };
        JsonWebKeySet: {
            keys: {
                /** @constant */
                kty: "OKP";
                /** @constant */
                crv: "Ed25519";
                x: string;
                kid: string;
                /** @constant */
                use: "sig";
                /** @constant */
                alg: "EdDSA";
            }[];
        };
        KeptIntakeFailure: {
            id: string;
            intake_id: string;
            event_id: string;
            /**
             * @description `resolved`: it has become a job after all.
             * @enum {string}
             */
            state: "open" | "resolved";
            problem: {
                /** @enum {string} */
                code: "mapping_failed" | "job_refused";
                detail: string;
                /** @description For `job_refused`, pointers into what the mapping made. */
                errors: {
                    pointer: string;
                    code: string;
                    detail: string;
                }[];
            };
            content_type: string;
            /** @description How often it was tried. */
            tries: number;
            job_id: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            tried_at: string;
            /**
             * Format: date-time
             * @description Until when it is kept.
             */
            expires_at: string;
            links: {
                self: string;
                retry: string;
                job: string | null;
            };
            /** @description The body as it came; null once it has become a job. */
            payload: string | null;
        };
        LineProblem: {
            /** @description The page that explains the code. */
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @enum {string} */
            code: "invalid_request" | "unauthorized" | "invalid_token" | "invalid_signature" | "forbidden" | "not_found" | "method_not_allowed" | "not_acceptable" | "request_timeout" | "idempotency_in_flight" | "already_finished" | "no_draft" | "session_lost" | "not_finished" | "not_failed" | "cost_not_accepted" | "batch_not_open" | "batch_not_redrivable" | "duplicate_job" | "offset_mismatch" | "upload_in_use" | "endpoint_disabled" | "receiver_gone" | "name_taken" | "account_taken" | "tenant_in_use" | "upload_expired" | "length_required" | "tus_version" | "payload_too_large" | "batch_full" | "unsupported_content_type" | "range_not_satisfiable" | "expectation_failed" | "not_supported" | "out_of_range" | "idempotency_key_reused" | "job_refused" | "unknown_skill" | "unknown_session" | "session_skill_differs" | "missing_input" | "budget_exceeded" | "unknown_upload" | "unsupported_media_type" | "media_too_large" | "unreadable_media" | "url_not_allowed" | "url_unreachable" | "invalid_mapping" | "mapping_failed" | "unknown_tenant" | "rate_limited" | "queue_full" | "session_full" | "failures_full" | "too_many_streams" | "headers_too_large" | "checksum_mismatch" | "internal" | "provider_unavailable" | "unavailable";
            /** @description May the very same request succeed later? */
            retryable: boolean;
            errors: {
                /** @description A JSON pointer into the body, or into /query, /headers or /path for what is not in it. */
                pointer: string;
                code: string;
                detail: string;
            }[];
        };
        Lines: {
            /** @description Became jobs. */
            accepted: number;
            /** @description Are kept with what is wrong with them; they hold up nothing. */
            rejected: number;
            /** @description Were there already: by their `custom_id`, or from before the stream broke off. */
            duplicates: number;
            /** @description Lines of this request. */
            total: number;
            /** @description The first 100; GET …/errors has all. */
            errors: {
                line: number;
                custom_id: string | null;
                problem: components["schemas"]["LineProblem"];
            }[];
        };
        Message: {
            id: string;
            /** @enum {string} */
            role: "user" | "assistant";
            /**
             * @description What the message was taken for.
             * @enum {string}
             */
            action: "generate" | "export" | "upload" | "credits" | "status" | "subtitles";
            /** @description Null for a reply whose job has not ended, or was erased. */
            text: string | null;
            job_id: string | null;
            /** Format: date-time */
            at: string;
        };
        MessageRequestInput: {
            /** @description What to do, in English or Chinese. Without it, the inputs are only handed over. */
            text?: string;
            /**
             * @description Files for this message, or for the next one when there is no text.
             * @default []
             */
            inputs?: ({
                /** @description A file of POST /v1/uploads. */
                upload_id: string;
            } | {
                /** @description A public https URL of the file itself. */
                url: string;
                /**
                 * @description Who fetches it: the provider, which then judges it, or Clipline, which checks it first.
                 * @default provider
                 * @enum {string}
                 */
                fetch?: "provider" | "clipline";
            })[];
        };
        OwnProviderAccount: {
            id: string;
            /** Format: date-time */
            token_set_at: string;
            /** Format: date-time */
            created_at: string;
        };
        /** @description Every error looks like this (RFC 9457). */
        Problem: {
            /** @description The page that explains the code. */
            type: string;
            title: string;
            status: number;
            detail: string;
            instance: string;
            /** @enum {string} */
            code: "invalid_request" | "unauthorized" | "invalid_token" | "invalid_signature" | "forbidden" | "not_found" | "method_not_allowed" | "not_acceptable" | "request_timeout" | "idempotency_in_flight" | "already_finished" | "no_draft" | "session_lost" | "not_finished" | "not_failed" | "cost_not_accepted" | "batch_not_open" | "batch_not_redrivable" | "duplicate_job" | "offset_mismatch" | "upload_in_use" | "endpoint_disabled" | "receiver_gone" | "name_taken" | "account_taken" | "tenant_in_use" | "upload_expired" | "length_required" | "tus_version" | "payload_too_large" | "batch_full" | "unsupported_content_type" | "range_not_satisfiable" | "expectation_failed" | "not_supported" | "out_of_range" | "idempotency_key_reused" | "job_refused" | "unknown_skill" | "unknown_session" | "session_skill_differs" | "missing_input" | "budget_exceeded" | "unknown_upload" | "unsupported_media_type" | "media_too_large" | "unreadable_media" | "url_not_allowed" | "url_unreachable" | "invalid_mapping" | "mapping_failed" | "unknown_tenant" | "rate_limited" | "queue_full" | "session_full" | "failures_full" | "too_many_streams" | "headers_too_large" | "checksum_mismatch" | "internal" | "provider_unavailable" | "unavailable";
            /** @description May the very same request succeed later? */
            retryable: boolean;
            request_id: string;
            errors: {
                /** @description A JSON pointer into the body, or into /query, /headers or /path for what is not in it. */
                pointer: string;
                code: string;
                detail: string;
            }[];
        };
        ProviderAccount: {
            id: string;
            /** @description Null: shared by the tenants without one of their own. */
            tenant_id: string | null;
            /** @enum {string} */
            kind: "token" | "anonymous";
            user_id: string | null;
            token_set_at: string | null;
            token_expires_at: string | null;
            /** @description The provider asked for a pause. */
            paused_until: string | null;
            /** @description Stages that are held back because their calls failed. */
            down: string[];
            /** @description Jobs under way with it at a time, of all tenants that use it. */
            max_concurrency: number;
            /** Format: date-time */
            created_at: string;
            links: {
                self: string;
            };
        };
        ProviderAccountPatchInput: {
            /** @description Jobs under way with it at a time, of all tenants that use it; 0 holds what has not begun. */
            max_concurrency?: number;
        };
        ProviderAccountRequestInput: {
            /** @description The token of your account at the provider. Kept sealed, never shown again. */
            token: string;
        };
        ProviderCall: {
            operation: string;
            method: string;
            /** @description Without its query. Of a file elsewhere, the origin only. */
            path: string;
            /** @description From the beginning of the attempt. */
            at_ms: number;
            ms: number;
            request: {
                content_type: string | null;
                size_bytes: number | null;
                /** @description Its beginning, without what is secret. Null where it is not kept. */
                body: string | null;
            };
            /** @description Null when no answer came. */
            response: {
                content_type: string | null;
                size_bytes: number | null;
                /** @description Its beginning, without what is secret. Null where it is not kept. */
                body: string | null;
                status: number;
            } | null;
            error: string | null;
        };
        Readiness: {
            ready: boolean;
            checks: {
                database: {
                    ok: boolean;
                    ms: number;
                };
                queue: {
                    ok: boolean;
                    ms: number;
                };
                storage: {
                    ok: boolean;
                    ms: number;
                };
            };
        };
        Redrive: {
            job: components["schemas"]["Job"];
            /** @enum {string} */
            from_stage: "auth" | "session" | "upload" | "generate" | "confirm" | "export" | "render" | "deliver";
            /** @description What is kept of the attempts before. */
            reused: ("session" | "uploads" | "messages" | "render")[];
            /** @description The stages that are still to come. */
            rerun: ("auth" | "session" | "upload" | "generate" | "confirm" | "export" | "render" | "deliver")[];
            /** @description Of every message that will be sent, or may be. */
            estimated_credits: number;
        };
        ResumableUpload: {
            id: string;
            filename: string;
            length_bytes: number | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
            links: {
                self: string;
            };
        };
        SecretRotationInput: {
            /**
             * @description How long callbacks are signed with both secrets; 0 ends the former one at once.
             * @default 86400
             */
            overlap_s?: number;
        };
        Session: {
            id: string;
            skill: string;
            /** @description Null: that of each message. */
            language: string | null;
            metadata: {
                [key: string]: string;
            };
            /** @description Both null until the first job has made a session there. */
            provider: {
                task_id: string | null;
                session_id: string | null;
            };
            /** @description What the draft holds in one line, as the last job has seen it. */
            timeline: string | null;
            /** @description The job whose turn it is; null when nothing is under way. */
            job_id: string | null;
            /** @description Jobs behind it: one is worked on at a time. */
            queued: number;
            credits_spent: number;
            /** @description Since when the provider no longer knows the conversation, which then takes no more messages. */
            lost_at: string | null;
            /** Format: date-time */
            created_at: string;
            links: {
                self: string;
                messages: string;
                timeline: string;
                exports: string;
                jobs: string;
            };
        };
        SessionRequestInput: {
            /**
             * @description One of GET /v1/skills.
             * @default free-video-generation-api
             */
            skill?: string;
            language?: string;
            /** @default {} */
            metadata?: {
                [key: string]: string;
            };
        };
        Skill: {
            /** @description As it stands in the `skill` of a job. */
            name: string;
            title: string;
            summary: string;
            attribution: {
                source: string;
                version: string;
            };
            accepts: {
                /** @enum {string} */
                kind: "video" | "image" | "audio" | "text";
                content_types: string[];
                extensions: string[];
                /**
                 * @description What of it reaches the provider: the file, a JPEG made from it, or its words.
                 * @enum {string}
                 */
                sent_as: "file" | "jpeg" | "prompt_text";
            }[];
            /** @description Of one input. */
            max_size_bytes: number;
            required_inputs: {
                /** @enum {string} */
                kind: "video" | "image" | "audio" | "text";
                min: number;
            }[];
            defaults: {
                format: string;
                quality: string;
                resolution: string;
            };
            /** @description What a job is estimated at until it is known better from what its provider account has charged; a dry run says what holds now. */
            credit_estimates: {
                /** @description Of the prompt. */
                generation: number;
                /** @description Of each step. */
                edit: number;
            };
            typical_seconds: {
                min: number;
                max: number;
            };
        };
        StreamToken: {
            token: string;
            /** @description With the token: the events of the job, for an EventSource; or the batch, to be read again. */
            url: string;
            /** Format: date-time */
            expires_at: string;
        };
        StreamedBatch: {
            id: string;
            name: string | null;
            /**
             * @description `open` takes lines; `running` and `canceling` since it was closed. It ends as `completed` (every line succeeded), `completed_with_errors`, `failed` (none succeeded, or `all_or_nothing` with a bad line) or `canceled`.
             * @enum {string}
             */
            state: "open" | "running" | "canceling" | "completed" | "completed_with_errors" | "failed" | "canceled";
            /** @description Without the secret of their callback. */
            defaults: {
                [key: string]: unknown;
            };
            callback: {
                url: string;
                events: string[];
                headers: {
                    [key: string]: string;
                };
            } | null;
            max_credits: number | null;
            all_or_nothing: boolean;
            metadata: {
                [key: string]: string;
            };
            /** @description Lines that became jobs, and lines that did not. */
            lines: {
                accepted: number;
                rejected: number;
                total: number;
            };
            jobs: {
                /** @description Not let go of yet: the batch is open, or the queue of the tenant is full. */
                held: number;
                queued: number;
                running: number;
                waiting: number;
                succeeded: number;
                failed: number;
                canceled: number;
            };
            credits: {
                estimated: number;
                spent: number;
                /** @description The part of spent of which nobody can tell whether it was charged. */
                at_risk: number;
            };
            /** @description The part of its jobs that have ended. */
            progress: number;
            /** @description When it may end, at its pace so far. Null before it has one, and once it has ended. */
            eta: string | null;
            /** @description The last one. */
            redrive: {
                /** Format: date-time */
                requested_at: string;
                /** @description Null: whatever they failed with. */
                failure_codes: string[] | null;
                accept_cost: boolean;
                /** @description Jobs that run again. */
                redriven: number;
                /** @description Jobs that would cost again, which was not accepted, or cannot run again. */
                skipped: number;
                /** @description Every failed job was looked at. */
                done: boolean;
            } | null;
            /** Format: date-time */
            created_at: string;
            closed_at: string | null;
            finished_at: string | null;
            links: {
                self: string;
                /** @description Null unless it is open. */
                lines: string | null;
                /** @description Null unless it is open. */
                close: string | null;
                /** @description Null when it has ended, or is being canceled. */
                cancel: string | null;
                /** @description Null unless a job of it has failed. */
                redrive: string | null;
                jobs: string;
                results: string;
                errors: string;
            };
            /** @description What came of the lines of this request. */
            ingest: components["schemas"]["Lines"];
        };
        TakenEvent: {
            /**
             * @description `duplicate`: the event had become this job before. `ignored`: it is to make none.
             * @enum {string}
             */
            outcome: "accepted" | "duplicate" | "ignored";
            event_id: string;
            job_id: string | null;
            links: {
                job: string | null;
            };
        };
        Tenant: {
            id: string;
            name: string;
            weight: number;
            max_concurrency: number;
            rate_per_minute: number | null;
            queue_bound: number | null;
            max_credits_per_day: number | null;
            retention_days: number;
            /** Format: date-time */
            created_at: string;
            links: {
                self: string;
                keys: string;
            };
        };
        TenantKeyRequestInput: {
            /** @description For people, to tell keys apart. */
            name: string;
            /** @description What the key may do. A key can grant only scopes that it has. */
            scopes: ("jobs:read" | "jobs:write" | "uploads:write" | "callbacks:read" | "callbacks:write" | "intakes:read" | "intakes:write" | "usage:read" | "keys:write" | "admin")[];
            /**
             * @description From when on it lets nobody in; null: never.
             * @default null
             */
            expires_at?: string | null;
            tenant_id: string;
        };
        TenantPatchInput: {
            /** @description Unique; for people and for the command line. */
            name?: string;
            /** @description Its share of the workers among tenants that wait. */
            weight?: number;
            /** @description Jobs under way at a time; 0 holds all of them. */
            max_concurrency?: number;
            /** @description Requests a minute of all its keys together; null: no limit. */
            rate_per_minute?: number | null;
            /** @description Jobs it may have queued; null: QUEUE_BOUND. */
            queue_bound?: number | null;
            /** @description Credits that its jobs may spend in a day (UTC); null: no limit. */
            max_credits_per_day?: number | null;
            /** @description How long files are kept after they were made. */
            retention_days?: number;
        };
        TenantProviderAccountRequestInput: {
            tenant_id: string;
            /** @description The token of the account. Kept sealed, never shown again. */
            token: string;
            /**
             * @description Jobs under way with it at a time, of all tenants that use it; 0 holds what has not begun.
             * @default 1000
             */
            max_concurrency?: number;
        };
        TenantRequestInput: {
            /** @description Unique; for people and for the command line. */
            name: string;
            /**
             * @description Its share of the workers among tenants that wait.
             * @default 1
             */
            weight?: number;
            /**
             * @description Jobs under way at a time; 0 holds all of them.
             * @default 1000
             */
            max_concurrency?: number;
            /**
             * @description Requests a minute of all its keys together; null: no limit.
             * @default null
             */
            rate_per_minute?: number | null;
            /**
             * @description Jobs it may have queued; null: QUEUE_BOUND.
             * @default null
             */
            queue_bound?: number | null;
            /**
             * @description Credits that its jobs may spend in a day (UTC); null: no limit.
             * @default null
             */
            max_credits_per_day?: number | null;
            /**
             * @description How long files are kept after they were made.
             * @default 30
             */
            retention_days?: number;
        };
        Timeline: {
            /** @description The draft in one line; null while it is empty. */
            summary: string | null;
            /** @description Is there anything to render? */
            exportable: boolean;
            duration_s: number;
            tracks: {
                /** @enum {string} */
                kind: "video" | "audio" | "text" | "other";
                /** @description Of audio, where the draft says it. */
                volume_percent: number | null;
                segments: {
                    start_s: number;
                    duration_s: number;
                    /** @description The title of a clip or a piece of music; the words of a text. */
                    label: string | null;
                }[];
            }[];
        };
        Upload: {
            id: string;
            filename: string;
            /** @description By its content, whatever was declared. */
            content_type: string;
            size_bytes: number;
            sha256: string;
            width: number | null;
            height: number | null;
            duration_s: number | null;
            /** Format: date-time */
            created_at: string;
            /** @description Null once a job takes it. */
            expires_at: string | null;
        };
        Usage: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @enum {string} */
            group_by: "day" | "skill" | "tag";
            /** @description Of all groups, on every page. */
            total: {
                /** @description By how they ended, on the day on which they did. A redriven job counts where it ends next. */
                jobs: {
                    succeeded: number;
                    failed: number;
                    canceled: number;
                };
                credits: {
                    /** @description For messages that are under way now, on the day on which they were sent. */
                    reserved: number;
                    /** @description On the day on which it was known. Negative where an estimate was corrected since. */
                    spent: number;
                    /** @description Part of what was spent: of messages whose outcome is unknown. */
                    at_risk: number;
                };
                /** @description Length of the videos that were made. */
                render_seconds: number;
                /** @description Size of the files that were made. */
                bytes: number;
            };
            data: {
                /** @description The day, the skill or the tag; null is what has no tag, `(other)` what is beyond the thousandth tag of a day. Only groups with figures are here. */
                group: string | null;
                /** @description By how they ended, on the day on which they did. A redriven job counts where it ends next. */
                jobs: {
                    succeeded: number;
                    failed: number;
                    canceled: number;
                };
                credits: {
                    /** @description For messages that are under way now, on the day on which they were sent. */
                    reserved: number;
                    /** @description On the day on which it was known. Negative where an estimate was corrected since. */
                    spent: number;
                    /** @description Part of what was spent: of messages whose outcome is unknown. */
                    at_risk: number;
                };
                /** @description Length of the videos that were made. */
                render_seconds: number;
                /** @description Size of the files that were made. */
                bytes: number;
            }[];
            /** @description Goes into ?cursor= for the next page; null on the last. */
            next_cursor: string | null;
        };
    };
    responses: {
        /** @description What is wrong (RFC 9457). */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export interface operations {
    listJobs: {
        parameters: {
            query?: {
                state?: ("queued" | "running" | "waiting" | "succeeded" | "failed" | "canceled")[];
                stage?: ("auth" | "session" | "upload" | "generate" | "confirm" | "export" | "render" | "deliver")[];
                skill?: string[];
                /** @description Jobs with any of these tags. */
                tag?: string[];
                batch_id?: string[];
                session_id?: string[];
                failure_code?: ("invalid_input" | "unsupported_media_type" | "media_too_large" | "input_unreachable" | "provider_auth_failed" | "provider_session_lost" | "out_of_credits" | "export_not_allowed" | "provider_rate_limited" | "provider_unavailable" | "provider_rejected" | "generation_failed" | "generation_timeout" | "generation_outcome_unknown" | "awaiting_input" | "draft_not_exportable" | "render_failed" | "render_timeout" | "artifact_invalid" | "storage_failed" | "budget_exceeded" | "deadline_exceeded" | "start_deadline_exceeded" | "canceled" | "internal")[];
                created_after?: string;
                created_before?: string;
                /** @description metadata[key]=value; every key that is given must match. A comma that is part of a value is written %2C. */
                metadata?: {
                    [key: string]: string[];
                };
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Job"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createJob: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobRequestInput"];
            };
        };
        responses: {
            /** @description The job has ended, or this was a dry run. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"] | components["schemas"]["JobPreview"];
                };
            };
            /** @description The job was accepted, or exists already. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: {
                Prefer?: string;
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job has ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description The job has not ended. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Nothing has happened since. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job is erased. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job is canceled. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cancellation"];
                };
            };
            /** @description The job is being canceled. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cancellation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAttempts: {
        parameters: {
            query?: {
                format?: "json" | "har";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Attempt"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    } | components["schemas"]["Har"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    redriveJob: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Any stage that the job has reached. Left out: where it failed, or where that is best mended.
                     * @enum {string}
                     */
                    from_stage?: "auth" | "session" | "upload" | "generate" | "confirm" | "export" | "render" | "deliver";
                    /**
                     * @description Messages that may have been paid for already may be sent, and paid, again.
                     * @default false
                     */
                    accept_cost?: boolean;
                } | null;
            };
        };
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redrive"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    explainJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getTimeline: {
        parameters: {
            query?: {
                format?: "json" | "srt" | "vtt";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tracks, or the subtitles. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                    "application/x-subrip": string;
                    "text/vtt": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listJobEvents: {
        parameters: {
            query?: {
                after?: number;
                limit?: number;
            };
            header?: {
                "Last-Event-Id"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events, or the stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Event"][];
                        /** @description Goes into ?after= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                type?: ("job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled" | "batch.completed" | "callback_endpoint.disabled")[];
                /** @description A cursor that the feed gave; `now` for what happens from now on. */
                after?: string;
                limit?: number;
            };
            header?: {
                "Last-Event-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events, or the stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Event"][];
                        /** @description Goes into ?after= for what comes next, also on the last page. */
                        next_cursor: string;
                        /** @description Between these cursors events are missing; null: none are. */
                        gap: components["schemas"]["FeedGap"] | null;
                    };
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listBatches: {
        parameters: {
            query?: {
                state?: ("open" | "running" | "canceling" | "completed" | "completed_with_errors" | "failed" | "canceled")[];
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Batch"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createBatch: {
        parameters: {
            query?: {
                name?: string;
                max_credits?: number;
                /** @description With any bad line, nothing is started and the batch fails when it is closed. */
                all_or_nothing?: string;
            };
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchRequestInput"];
                "application/x-ndjson": string;
                "text/csv": string;
            };
        };
        responses: {
            /** @description It takes lines. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            /** @description It was made from the lines, and runs. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StreamedBatch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is open, or has ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            /** @description It is running, or being canceled. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    closeBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is open, or has ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            /** @description It is running, or being canceled. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cancelBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is being canceled. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    redriveBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchRedriveRequestInput"] | null;
            };
        };
        responses: {
            /** @description Its failed jobs are being put back in the queue. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    addBatchLines: {
        parameters: {
            query?: {
                /** @description Close the batch once every line was read. */
                close?: string;
            };
            header?: {
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": string;
                "text/csv": string;
                "application/json": Record<string, never>[];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lines"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getBatchResults: {
        parameters: {
            query?: {
                /** @description Instead of `Accept`: application/x-ndjson or text/csv. */
                format?: "ndjson" | "csv";
                state?: ("queued" | "running" | "waiting" | "succeeded" | "failed" | "canceled")[];
                /** @description Only what stands behind the row of this job: goes on with a list that broke off. */
                after?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One line each, as long as there are some. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getBatchErrors: {
        parameters: {
            query?: {
                /** @description Instead of `Accept`: application/x-ndjson or text/csv. */
                format?: "ndjson" | "csv";
                /** @description Only what stands behind this: a line that became no job, by its number, or a job that failed. */
                after?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One line each, as long as there are some. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSessions: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Session"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionRequestInput"] | null;
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listMessages: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Message"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sendMessage: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
                Prefer?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessageRequestInput"];
            };
        };
        responses: {
            /** @description Answered, or the job has ended; or the stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                    "text/event-stream": string;
                };
            };
            /** @description A job was accepted; `job.links` lead on. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSessionTimeline: {
        parameters: {
            query?: {
                format?: "json" | "srt" | "vtt";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tracks, or the subtitles. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                    "application/x-subrip": string;
                    "text/vtt": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listExports: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Job"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createExport: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
                Prefer?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportRequestInput"] | null;
            };
        };
        responses: {
            /** @description The job has ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description The job was accepted. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listUploads: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Upload"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createUpload: {
        parameters: {
            query?: never;
            header?: {
                "X-Filename"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    file?: string[];
                };
                "application/octet-stream": string;
                "application/json": {
                    url: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"] | {
                        data: components["schemas"]["Upload"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    createResumableUpload: {
        parameters: {
            query?: never;
            header: {
                "Tus-Resumable": "1.0.0";
                "Idempotency-Key"?: string;
                "Upload-Length"?: string;
                "Upload-Defer-Length"?: "1";
                "Upload-Metadata"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The first bytes of the file, or all of them. */
        requestBody?: {
            content: {
                "application/offset+octet-stream": string;
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResumableUpload"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteResumableUpload: {
        parameters: {
            query?: never;
            header: {
                "Tus-Resumable": "1.0.0";
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    continueResumableUpload: {
        parameters: {
            query?: never;
            header: {
                "Tus-Resumable": "1.0.0";
                "Upload-Offset": string;
                "Upload-Length"?: string;
                /** @description sha1, sha256, md5 and the sum of this body in base64. */
                "Upload-Checksum"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description Bytes of the file from Upload-Offset on. */
        requestBody: {
            content: {
                "application/offset+octet-stream": string;
            };
        };
        responses: {
            /** @description Kept. `Upload-Offset` says up to where. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getArtifact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Artifact"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getArtifactContent: {
        parameters: {
            query?: never;
            header?: {
                Range?: string;
                "If-Range"?: string;
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                };
            };
            /** @description A part of the file. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                };
            };
            /** @description The file is at `Location`. Do not send the API key there. */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The client has this file already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    createArtifactLink: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Seconds until it ends.
                     * @default 86400
                     */
                    ttl_s?: number;
                } | null;
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArtifactLink"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createStreamToken: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    job_id?: string;
                    batch_id?: string;
                    /**
                     * @description Seconds until it ends.
                     * @default 900
                     */
                    ttl_s?: number;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StreamToken"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSkills: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Skill"][];
                        next_cursor: null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSkill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Skill"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCredits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credits"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUsage: {
        parameters: {
            query?: {
                /** @description The first day, UTC; 29 days before `to` when left out. */
                from?: string;
                /** @description The last day, included; today when left out. */
                to?: string;
                group_by?: "day" | "skill" | "tag";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listCallbackEndpoints: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CallbackEndpoint"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createCallbackEndpoint: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CallbackEndpointRequestInput"];
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackEndpointWithSecret"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    testCallbackEndpoint: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackDelivery"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCallbackEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackEndpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteCallbackEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateCallbackEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CallbackEndpointPatchInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackEndpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rotateCallbackEndpointSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretRotationInput"] | null;
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackEndpointWithSecret"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    enableCallbackEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackEndpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    disableCallbackEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackEndpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCallbackSecret: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackSecret"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rotateCallbackSecret: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretRotationInput"] | null;
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackSecret"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCallbackKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JsonWebKeySet"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listCallbackDeliveries: {
        parameters: {
            query?: {
                job_id?: string[];
                endpoint_id?: string[];
                state?: ("waiting" | "delivered" | "failed" | "exhausted")[];
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CallbackDelivery"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCallbackDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackDelivery"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    redeliverCallback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackDelivery"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listIntakes: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Intake"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createIntake: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntakeRequestInput"];
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntakeWithSecret"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getIntake: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Intake"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteIntake: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateIntake: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntakePatchInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntakeWithSecret"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    testIntake: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntakeTrialInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntakeTrialResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listIntakeFailures: {
        parameters: {
            query?: {
                state?: "open" | "resolved";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["IntakeFailure"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getIntakeFailure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                failure_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptIntakeFailure"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteIntakeFailure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                failure_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    retryIntakeFailure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                failure_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event had become a job before, or is to make none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TakenEvent"];
                };
            };
            /** @description The event has become a job. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TakenEvent"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    receiveEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event had become a job before, or is to make none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TakenEvent"];
                };
            };
            /** @description The event has become a job. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TakenEvent"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listKeys: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ApiKey"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyRequestInput"];
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyWithSecret"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getProviderAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnProviderAccount"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setProviderAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderAccountRequestInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnProviderAccount"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeProviderAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listTenants: {
        parameters: {
            query?: {
                /** @description The one of this name. */
                name?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Tenant"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createTenant: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantRequestInput"];
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantPatchInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listTenantKeys: {
        parameters: {
            query?: {
                tenant_id?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ApiKey"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createTenantKey: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantKeyRequestInput"];
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyWithSecret"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getTenantKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revokeTenantKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listProviderAccounts: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ProviderAccount"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createProviderAccount: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantProviderAccountRequestInput"];
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderAccount"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readProviderAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderAccount"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    updateProviderAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderAccountPatchInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderAccount"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                tenant_id?: string;
                action?: ("intake.created" | "intake.updated" | "intake.deleted" | "intake_failure.deleted" | "job.erased" | "key.created" | "key.revoked" | "tenant.created" | "tenant.updated" | "tenant.deleted" | "provider_account.set" | "provider_account.updated" | "provider_account.removed")[];
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AuditEntry"][];
                        /** @description Goes into ?cursor= for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        alive: true;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics as text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    onJobEvent: {
        parameters: {
            query?: never;
            header: {
                /** @description The id of the event; the same at every try. Receivers drop what they have seen. */
                "webhook-id": string;
                /** @description Seconds since 1970 of this try. */
                "webhook-timestamp": string;
                /** @description `v1,` and the HMAC-SHA-256 in base64, several while a secret is rotated; and `v1a,` with an ed25519 signature by a key of `/.well-known/clipline-keys.json`. Spaces stand between them. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    type: "job.queued" | "job.started" | "job.stage_started" | "job.stage_finished" | "job.progress" | "job.message" | "job.waiting" | "job.retrying" | "job.rescued" | "job.redriven" | "job.succeeded" | "job.failed" | "job.canceled";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        /** @description The number of the event within its job: the order of events, as deliveries have none. */
                        sequence: number;
                        job: components["schemas"]["Job"];
                    };
                };
            };
        };
        responses: {
            /** @description Received. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    onBatchEvent: {
        parameters: {
            query?: never;
            header: {
                /** @description The id of the event; the same at every try. Receivers drop what they have seen. */
                "webhook-id": string;
                /** @description Seconds since 1970 of this try. */
                "webhook-timestamp": string;
                /** @description `v1,` and the HMAC-SHA-256 in base64, several while a secret is rotated; and `v1a,` with an ed25519 signature by a key of `/.well-known/clipline-keys.json`. Spaces stand between them. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    type: "batch.completed";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        /** @description The number of the event within its batch. */
                        sequence: number;
                        batch: components["schemas"]["Batch"];
                    };
                };
            };
        };
        responses: {
            /** @description Received. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    onCallbackEndpointEvent: {
        parameters: {
            query?: never;
            header: {
                /** @description The id of the event; the same at every try. Receivers drop what they have seen. */
                "webhook-id": string;
                /** @description Seconds since 1970 of this try. */
                "webhook-timestamp": string;
                /** @description `v1,` and the HMAC-SHA-256 in base64, several while a secret is rotated; and `v1a,` with an ed25519 signature by a key of `/.well-known/clipline-keys.json`. Spaces stand between them. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    type: "callback_endpoint.test" | "callback_endpoint.disabled";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        /** @description Always 0. */
                        sequence: number;
                        endpoint: components["schemas"]["CallbackEndpoint"];
                    };
                };
            };
        };
        responses: {
            /** @description Received. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
}
