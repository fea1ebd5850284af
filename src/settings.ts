/** Every setting, with a sentence (api.md §8). `.env.example` and the README's table are written from here. */
import type { z } from 'zod'
import {
  allowedNetworks,
  baseUrl,
  delays,
  headerText,
  interval,
  listenHost,
  masterSecret,
  milliseconds,
  networks,
  oneOf,
  shaped,
  storageUrl,
  text,
  timeLimit,
  urlOf,
  whole,
} from './config-values.ts'

export interface Setting {
  readonly schema: z.ZodType<unknown, string | undefined>
  /** As the docs show it; what happens when it is not set. */
  readonly fallback: string
  readonly meaning: string
  readonly group: 'Shape' | 'Secrets' | 'Limits' | 'Provider' | 'Timings' | 'Observability'
}

export const settings = {
  DATA_DIR: {
    schema: text,
    fallback: './data',
    group: 'Shape',
    meaning:
      'Where the embedded database, media files and generated secrets are kept, and what workers of one machine share.',
  },
  DATABASE_URL: {
    schema: urlOf('postgres:', 'postgresql:'),
    fallback: 'embedded Postgres',
    group: 'Shape',
    meaning: 'The Postgres that holds the truth. Without it Clipline starts one of its own in DATA_DIR.',
  },
  REDIS_URL: {
    schema: urlOf('redis:', 'rediss:'),
    fallback: 'queue in Postgres',
    group: 'Shape',
    meaning:
      'Redis or Valkey (maxmemory-policy noeviction) for the queue. Without it the queue lives in Postgres.',
  },
  HOST: {
    schema: listenHost,
    fallback: '127.0.0.1 when embedded, else 0.0.0.0',
    group: 'Shape',
    meaning: 'The IP address or host name the API listens on.',
  },
  PORT: {
    schema: whole(0, 65_535),
    fallback: '8080',
    group: 'Shape',
    meaning: 'The port the API listens on.',
  },
  WORKER_PORT: {
    schema: whole(0, 65_535),
    fallback: '0 (off)',
    group: 'Shape',
    meaning: 'A port for a worker’s own /livez, /readyz and /metrics, which need no key there.',
  },
  PUBLIC_URL: {
    schema: baseUrl,
    fallback: 'http://HOST:PORT',
    group: 'Shape',
    meaning:
      'How clients reach the API, with the path that a proxy puts before it; links in answers and callbacks start with it.',
  },
  STORAGE_URL: {
    schema: storageUrl,
    fallback: 'file:DATA_DIR/media',
    group: 'Shape',
    meaning:
      'Where uploads and artifacts are kept: file:<folder>, or s3://bucket/prefix?endpoint=…&region=… (credentials from AWS_… or the machine’s role).',
  },
  CLIPLINE_SECRET: {
    schema: masterSecret,
    fallback: 'generated and kept when embedded',
    group: 'Secrets',
    meaning: '32 bytes as hex or base64: seals stored secrets and signs links.',
  },
  CLIPLINE_API_KEY: {
    schema: shaped(/^clk_[A-Za-z0-9_]{40,64}$/, 'clk_ and 40 to 64 of A-Z a-z 0-9 _'),
    fallback: 'generated and printed when embedded',
    group: 'Secrets',
    meaning: 'The first API key: every scope, tenant “default”.',
  },
  CLIPLINE_CALLBACK_SECRET: {
    schema: shaped(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'whsec_ and 24 to 64 bytes in base64'),
    fallback: 'generated when embedded',
    group: 'Secrets',
    meaning: 'The default tenant’s first secret for signing callbacks.',
  },
  RATE_LIMIT_PER_MINUTE: {
    schema: whole(0),
    fallback: '6000',
    group: 'Limits',
    meaning: 'Requests a minute and API key; 0 switches the limit off.',
  },
  FAILED_KEYS_PER_MINUTE: {
    schema: whole(0),
    fallback: '60',
    group: 'Limits',
    meaning:
      'Wrong API keys a minute and address, before no more are looked at, and wrongly signed events, before they are told so; 0 switches the limits off.',
  },
  TRUSTED_PROXIES: {
    schema: networks,
    fallback: 'empty',
    group: 'Limits',
    meaning: 'Addresses and CIDRs of the proxies whose X-Forwarded-For says who asks, separated by commas.',
  },
  QUEUE_BOUND: {
    schema: whole(1),
    fallback: '1000000',
    group: 'Limits',
    meaning: 'Unfinished jobs a tenant may have; more are refused with 429 queue_full.',
  },
  SSE_MAX_PER_KEY: {
    schema: whole(1),
    fallback: '1000',
    group: 'Limits',
    meaning: 'Open event streams per API key.',
  },
  SSE_MAX: {
    schema: whole(1),
    fallback: '10000',
    group: 'Limits',
    meaning: 'Open event streams per process.',
  },
  WORKER_CONCURRENCY: {
    schema: whole(1, 100_000),
    fallback: '1000',
    group: 'Limits',
    meaning: 'Jobs that one worker process holds at a time; waiting jobs take no place.',
  },
  STAGE_CONCURRENCY_UPLOAD: {
    schema: whole(1, 10_000),
    fallback: '16',
    group: 'Limits',
    meaning: 'Files that one worker process sends or fetches at a time.',
  },
  EGRESS_ALLOW: {
    schema: allowedNetworks,
    fallback: 'empty',
    group: 'Limits',
    meaning: 'CIDRs that callbacks and fetches may reach besides public addresses, separated by commas.',
  },
  NEMO_API_URL: {
    schema: baseUrl,
    fallback: 'the sandbox',
    group: 'Provider',
    meaning: 'The NemoVideo backend. Without it the embedded shape starts the sandbox.',
  },
  NEMO_TOKEN: {
    schema: headerText(4_096),
    fallback: 'an anonymous token',
    group: 'Provider',
    meaning:
      'The provider token that jobs are done with. Without it an anonymous one is asked for once and kept.',
  },
  NEMO_CLIENT_ID: {
    schema: headerText(64),
    fallback: 'generated and kept',
    group: 'Provider',
    meaning: 'The client id behind the anonymous token, up to 64 visible ASCII characters.',
  },
  SKILL_SOURCE: {
    schema: shaped(/^[a-z][a-z0-9_-]{0,63}$/, 'a lower-case word'),
    fallback: 'unknown',
    group: 'Provider',
    meaning: 'Sent as X-Skill-Platform: where the skill was installed from (clawhub, cursor, …).',
  },
  NEMO_RENDER_POLL_MS: {
    schema: interval,
    fallback: '30000',
    group: 'Timings',
    meaning: 'Between two looks at a render, at least 10 ms.',
  },
  NEMO_RENDER_TIMEOUT_MS: {
    schema: timeLimit,
    fallback: '300000',
    group: 'Timings',
    meaning: 'How long a render may be processed. For its turn at the provider it may wait 24 times as long.',
  },
  NEMO_SSE_IDLE_MS: {
    schema: timeLimit,
    fallback: '600000',
    group: 'Timings',
    meaning: 'How long a generation may say nothing but heartbeats.',
  },
  NEMO_SSE_MAX_MS: {
    schema: timeLimit,
    fallback: '900000',
    group: 'Timings',
    meaning: 'How long a generation may take.',
  },
  NEMO_RECOVERY_FIRST_MS: {
    schema: interval,
    fallback: '30000',
    group: 'Timings',
    meaning: 'After a broken generation: until the first look at the session, at least 10 ms.',
  },
  NEMO_RECOVERY_EVERY_MS: {
    schema: interval,
    fallback: '60000',
    group: 'Timings',
    meaning: 'Between the looks after it, at least 10 ms.',
  },
  NEMO_RECOVERY_CHECKS: {
    schema: whole(0, 1_000),
    fallback: '5',
    group: 'Timings',
    meaning: 'How many looks after the first.',
  },
  NEMO_RATE_LIMIT_WAIT_MS: {
    schema: interval,
    fallback: '30000',
    group: 'Timings',
    meaning: 'After a 429 that names no time, at least 10 ms.',
  },
  LEASE_MS: {
    schema: whole(1_000, 3_600_000),
    fallback: '30000',
    group: 'Timings',
    meaning: 'How long a job stays with a worker that is not heard of.',
  },
  DISPATCH_MS: {
    schema: whole(10, 60_000),
    fallback: '250',
    group: 'Timings',
    meaning: 'The dispatcher’s tick.',
  },
  CALLBACK_SCHEDULE_MS: {
    schema: delays,
    fallback: '0,5000,300000,1800000,7200000,18000000,36000000,50400000,72000000,86400000',
    group: 'Timings',
    meaning: 'Delays before each try of a callback: at most 20 of them, of at most 7 days each.',
  },
  CALLBACK_TIMEOUT_MS: {
    schema: timeLimit,
    fallback: '15000',
    group: 'Timings',
    meaning: 'How long a receiver may take to answer.',
  },
  SHUTDOWN_MS: {
    schema: milliseconds,
    fallback: '10000',
    group: 'Timings',
    meaning: 'How long a stopping process may take.',
  },
  SHUTDOWN_GENERATE_MS: {
    schema: milliseconds,
    fallback: '960000 (10000 when embedded)',
    group: 'Timings',
    meaning: 'How long a stopping process keeps a generation’s stream: dropping it may cancel paid work.',
  },
  LOG_LEVEL: {
    schema: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    fallback: 'info',
    group: 'Observability',
    meaning: 'How much is logged.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: urlOf('http:', 'https:'),
    fallback: 'off',
    group: 'Observability',
    meaning: 'A collector that is sent a trace of each job (OTLP over HTTP, JSON, at `/v1/traces`).',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings
