import type { Command } from './command.ts'

/** What speaks with a service over its API. */
export const clientCommands = {
  submit: {
    summary: 'Submit a job',
    usage: [
      'submit "prompt" [--input FILE|URL]… [--step TEXT]… [--skill NAME] [--aspect-ratio 9:16] [--duration S] [--wait] [--out FILE] [--json]',
    ],
    flags: {
      '--input FILE|URL':
        'A photo, clip or text that the video is made from; repeatable. --image does the same.',
      '--step TEXT':
        'A further message after the prompt, such as "add music"; repeatable. Each may cost credits.',
      '--skill NAME': 'Which skill does it. Inputs choose image-to-video-higgsfield when left out.',
      '--aspect-ratio W:H': 'Such as 9:16.',
      '--resolution NAME': 'Such as 1080p.',
      '--duration S': 'Seconds of video.',
      '--priority low|normal|high': 'Before or behind your other jobs.',
      '--max-credits N': 'Refuse what would cost more.',
      '--run-at TIME': 'Not before: +90s, +45m, +2h, +3d, or an RFC 3339 time; at most a year ahead.',
      '--callback URL': 'Is told how the job ended.',
      '--tag NAME': 'To find the job by; repeatable.',
      '--metadata NAME=VALUE': 'To find the job by, and given back with it; repeatable.',
      '--key TEXT': 'The same key never makes a second job, nor uploads a file again.',
      '--dry-run': 'Only say whether it would be accepted, and what it would cost.',
      '--wait': 'Follow the job to its end.',
      '--out FILE': 'Follow it, and save the video.',
    },
    examples: [
      'clipline submit "a fox running through a snowy forest at dusk" --wait',
      'clipline submit "a slow push-in" --input photo.jpg --aspect-ratio 9:16 --out clip.mp4',
      'clipline submit "waves" --step "add calm piano music" --max-credits 250 --json',
      'clipline submit "a harbor at dawn" --run-at +2h',
    ],
    isClient: true,
    load: () => import('./submit.ts'),
  },
  watch: {
    summary: 'Follow a job live until it ends',
    usage: ['watch JOB_ID [--after N] [--out FILE] [--json]'],
    flags: {
      '--after N': 'Only events after this number.',
      '--out FILE': 'Save the video in the end.',
    },
    examples: ['clipline watch job_0198… --out clip.mp4'],
    isClient: true,
    load: () => import('./watch.ts'),
  },
  batch: {
    summary: 'Submit many jobs at once, follow them, and take their results',
    usage: [
      'batch submit FILE|- [--format ndjson|csv|json] [--name TEXT] [--max-credits N] [--all-or-nothing] [--wait] [--json]',
      'batch watch BATCH_ID [--json]',
      'batch show BATCH_ID [--json]',
      'batch results BATCH_ID [--format ndjson|csv]',
      'batch errors BATCH_ID [--format ndjson|csv]',
      'batch cancel BATCH_ID [--json]',
      'batch redrive BATCH_ID [--failure-code A,B] [--accept-cost] [--json]',
      'batch list [--state NAME] [--most N] [--json]',
    ],
    flags: {
      '--format ndjson|csv|json':
        'How the lines are written; by the name of the file when left out. Of results and errors: ndjson or csv.',
      '--name TEXT': 'What the batch is for.',
      '--max-credits N': 'What all its jobs together may spend.',
      '--all-or-nothing': 'With any bad line, nothing is started.',
      '--wait': 'Follow the batch to its end.',
      '--failure-code A,B': 'Only jobs that failed with one of these.',
      '--accept-cost': 'Also where a message that may have been paid for is sent again.',
      '--state NAME': 'open, running, canceling, completed, completed_with_errors, failed or canceled.',
      '--most N': 'At most so many; 100 when left out.',
    },
    examples: [
      'clipline batch submit clips.csv --name autumn --max-credits 5000 --wait',
      'generate-lines | clipline batch submit - --json',
      'clipline batch results bat_0198… --format csv > results.csv',
    ],
    isClient: true,
    load: () => import('./batch.ts'),
  },
  sessions: {
    summary: 'Make a video in conversation, message by message',
    usage: [
      'sessions chat [SESSION_ID] [--skill NAME] [--language TAG] [--json]',
      'sessions new [--skill NAME] [--language TAG] [--json]',
      'sessions list [--most N] [--json]',
      'sessions say SESSION_ID "text" [--input FILE|URL]… [--json]',
      'sessions export SESSION_ID [--out FILE] [--json]',
      'sessions exports SESSION_ID [--most N] [--json]',
      'sessions timeline SESSION_ID [--format srt|vtt] [--json]',
      'sessions messages SESSION_ID [--most N] [--json]',
    ],
    flags: {
      '--skill NAME': 'Which skill does it.',
      '--language TAG': 'Such as en or zh.',
      '--input FILE|URL': 'Goes with the message; repeatable.',
      '--out FILE': 'Save the video.',
      '--format srt|vtt': 'The text tracks as subtitles.',
      '--most N': 'At most so many; 100 when left out.',
    },
    examples: [
      'clipline sessions chat',
      'clipline sessions say ses_0198… "make the title red"',
      'clipline sessions export ses_0198… --out clip.mp4',
    ],
    isClient: true,
    load: () => import('./sessions.ts'),
  },
  keys: {
    summary: 'Make, list and revoke API keys',
    usage: [
      'keys create --scopes A,B [--tenant NAME] [--name NAME] [--expires-in 30d] [--json]',
      'keys list [--tenant NAME] [--json]',
      'keys revoke KEY_ID [--tenant NAME] [--json]',
    ],
    flags: {
      '--scopes A,B': 'What the key may do, such as jobs:read,jobs:write.',
      '--tenant NAME': 'Another tenant’s key; your own key needs the scope admin.',
      '--name NAME': 'What the key is for.',
      '--expires-in 30d': 'Seconds, minutes, hours or days: 90s, 45m, 12h, 30d.',
    },
    examples: ['clipline keys create --scopes jobs:read --name dashboard --expires-in 30d'],
    isClient: true,
    load: () => import('./keys.ts'),
  },
  tenants: {
    summary: 'Make, list and change tenants (admin key)',
    usage: [
      'tenants create NAME [--weight N] [--max-concurrency N] [--rate-per-minute N|none] [--queue-bound N|none] [--max-credits-per-day N|none] [--retention-days N] [--json]',
      'tenants list [--json]',
      'tenants update NAME [the same limits] [--json]',
    ],
    flags: {
      '--weight N': 'Its share of the workers beside that of others.',
      '--max-concurrency N': 'Jobs that run at a time.',
      '--rate-per-minute N|none': 'Requests a minute.',
      '--queue-bound N|none': 'Unfinished jobs.',
      '--max-credits-per-day N|none': 'Credits that its jobs may spend in a day (UTC).',
      '--retention-days N': 'How long finished jobs and files are kept.',
    },
    examples: ['clipline tenants create acme --weight 2 --max-concurrency 50'],
    isClient: true,
    load: () => import('./tenants.ts'),
  },
  'provider-accounts': {
    summary: 'Give tenants provider accounts of their own, list them, and set their limits (admin key)',
    usage: [
      'provider-accounts create --tenant NAME [--max-concurrency N] [--json] < TOKEN_FILE',
      'provider-accounts list [--json]',
      'provider-accounts update ACCOUNT_ID --max-concurrency N [--json]',
    ],
    flags: {
      '--tenant NAME':
        'Whose jobs are done with it. Its token is read from stdin, or from CLIPLINE_PROVIDER_TOKEN.',
      '--max-concurrency N':
        'Jobs under way with it at a time; 1000 when left out, 0 holds what has not begun.',
    },
    examples: [
      'clipline provider-accounts create --tenant acme --max-concurrency 50 < acme-token',
      'clipline provider-accounts update acc_0198… --max-concurrency 200',
    ],
    isClient: true,
    load: () => import('./provider-accounts.ts'),
  },
  deliveries: {
    summary: 'Look at deliveries of callbacks, and have one made again',
    usage: [
      'deliveries list [--job ID] [--endpoint ID] [--state waiting|delivered|failed|exhausted] [--most N] [--json]',
      'deliveries show ID [--json]',
      'deliveries redeliver ID [--json]',
    ],
    flags: {
      '--job ID': 'Those of one job.',
      '--endpoint ID': 'Those to one endpoint.',
      '--state NAME': 'Those that are waiting, delivered, failed or exhausted.',
      '--most N': 'At most so many; 100 when left out.',
    },
    examples: ['clipline deliveries list --state exhausted', 'clipline deliveries redeliver dlv_0198…'],
    isClient: true,
    load: () => import('./deliveries.ts'),
  },
} as const satisfies Record<string, Command>
