/** A command: what it is for, how it is called, and where it lives. */
export interface Command {
  readonly summary: string
  readonly usage: string
  readonly load: () => Promise<{ readonly run: (args: readonly string[]) => Promise<number> }>
}

export const commands = {
  demo: {
    summary: 'Make one video for real, from prompt to verified callback, and stop',
    usage: 'demo ["prompt"] [--image FILE] [--out DIR] [--json]',
    load: () => import('./demo.ts'),
  },
  up: {
    summary: 'Start everything on this machine: API, worker, database, sandbox (= npm start)',
    usage: 'up [--json]',
    load: () => import('./up.ts'),
  },
  api: {
    summary: 'Start the HTTP API against a given database',
    usage: 'api [--json]',
    load: () => import('./api.ts'),
  },
  worker: {
    summary: 'Start a worker against a given database',
    usage: 'worker [--json]',
    load: () => import('./worker.ts'),
  },
  sandbox: {
    summary: 'Start the NemoVideo-compatible provider for local use',
    usage:
      'sandbox [--host ADDRESS] [--port N] [--data-dir DIR] [--time-factor N] [--renderer full|tiny|fixture] [--json]',
    load: () => import('./sandbox.ts'),
  },
  migrate: {
    summary: 'Bring the database to the newest schema',
    usage: 'migrate [--json]',
    load: () => import('./migrate.ts'),
  },
  submit: {
    summary: 'Submit a job',
    usage:
      'submit "prompt" [--image FILE]… [--skill NAME] [--aspect-ratio 9:16] [--duration S] [--wait] [--out FILE] [--json]',
    load: () => import('./submit.ts'),
  },
  keys: {
    summary: 'Make, list and revoke API keys',
    usage:
      'keys create --scopes A,B [--tenant NAME] [--name NAME] [--expires-in 30d] | list [--tenant NAME] | revoke ID [--json]',
    load: () => import('./keys.ts'),
  },
  tenants: {
    summary: 'Make, list and change tenants (admin key)',
    usage:
      'tenants create NAME | list | update NAME [--weight N] [--max-concurrency N] [--rate-per-minute N|none] [--queue-bound N|none] [--retention-days N] [--json]',
    load: () => import('./tenants.ts'),
  },
  deliveries: {
    summary: 'Look at deliveries of callbacks, and have one made again',
    usage:
      'deliveries list [--job ID] [--endpoint ID] [--state waiting|delivered|failed|exhausted] [--most N] | show ID | redeliver ID [--json]',
    load: () => import('./deliveries.ts'),
  },
  watch: {
    summary: 'Follow a job live until it ends',
    usage: 'watch JOB_ID [--after N] [--json]',
    load: () => import('./watch.ts'),
  },
  prove: {
    summary: 'Show that nothing is lost, doubled or paid twice while workers, database and provider fail',
    usage: 'prove [--jobs N | --minutes M] [--seed N] [--json]',
    load: () => import('./prove.ts'),
  },
} as const satisfies Record<string, Command>

export type CommandName = keyof typeof commands

export const isCommandName = (text: string): text is CommandName => Object.hasOwn(commands, text)
