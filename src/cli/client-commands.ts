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
      '--run-at TIME': 'Not before, such as 2030-01-31T12:00:00Z.',
      '--callback URL': 'Is told how the job ended.',
      '--tag NAME': 'To find the job by; repeatable.',
      '--metadata NAME=VALUE': 'To find the job by, and given back with it; repeatable.',
      '--key TEXT': 'The same key never makes a second job.',
      '--dry-run': 'Only say whether it would be accepted, and what it would cost.',
      '--wait': 'Follow the job to its end.',
      '--out FILE': 'Follow it, and save the video.',
    },
    examples: [
      'clipline submit "a fox running through a snowy forest at dusk" --wait',
      'clipline submit "a slow push-in" --input photo.jpg --aspect-ratio 9:16 --out clip.mp4',
      'clipline submit "waves" --step "add calm piano music" --max-credits 250 --json',
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
      '--expires-in 30d': 'Minutes, hours or days: 90m, 12h, 30d.',
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
