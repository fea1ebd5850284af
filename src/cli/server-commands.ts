import type { Command } from './command.ts'

/** What runs, tends or examines the service itself. */
export const serverCommands = {
  demo: {
    summary: 'Make one video for real, from prompt to verified callback, and stop',
    usage: ['demo ["prompt"] [--image FILE] [--out DIR] [--json]'],
    flags: {
      '--image FILE': 'A photo to animate.',
      '--out DIR': 'Where the video is written; out/ when left out.',
    },
    examples: ['clipline demo', 'clipline demo "a lighthouse in a storm"'],
    isClient: false,
    load: () => import('./demo.ts'),
  },
  up: {
    summary: 'Start everything on this machine: API, worker, database, sandbox (= npm start)',
    usage: ['up [--json]'],
    flags: {},
    examples: ['clipline up', 'PORT=9000 NEMO_API_URL=https://provider.example clipline up'],
    isClient: false,
    load: () => import('./up.ts'),
  },
  api: {
    summary: 'Start the HTTP API against a given database',
    usage: ['api [--json]'],
    flags: {},
    examples: ['DATABASE_URL=postgres://… clipline api'],
    isClient: false,
    load: () => import('./api.ts'),
  },
  worker: {
    summary: 'Start a worker against a given database',
    usage: ['worker [--json]'],
    flags: {},
    examples: ['DATABASE_URL=postgres://… clipline worker'],
    isClient: false,
    load: () => import('./worker.ts'),
  },
  sandbox: {
    summary: 'Start the NemoVideo-compatible provider for local use',
    usage: [
      'sandbox [--host ADDRESS] [--port N] [--data-dir DIR] [--time-factor N] [--renderer full|tiny|fixture] [--credits N] [--json]',
    ],
    flags: {
      '--host ADDRESS': 'Where it listens; 127.0.0.1 when left out.',
      '--port N': '8090 when left out.',
      '--data-dir DIR': 'Where it keeps its files; data/sandbox when left out.',
      '--time-factor N': 'How its delays are stretched; 0 for none.',
      '--credits N': 'What a new account of the token in CLIPLINE_SANDBOX_TOKEN has, default 1000000.',
      '--renderer full|tiny|fixture': 'Whole videos, small ones, or one that was made before.',
    },
    examples: ['clipline sandbox --time-factor 0.1'],
    isClient: false,
    load: () => import('./sandbox.ts'),
  },
  migrate: {
    summary: 'Bring the database to the newest schema',
    usage: ['migrate [--json]'],
    flags: {},
    examples: ['DATABASE_URL=postgres://… clipline migrate'],
    isClient: false,
    load: () => import('./migrate.ts'),
  },
  doctor: {
    summary: 'Check database, queue, storage, provider, clock and disk, and say what to do',
    usage: ['doctor [--json]'],
    flags: {},
    examples: ['clipline doctor', 'DATABASE_URL=postgres://… NEMO_API_URL=https://… clipline doctor'],
    isClient: false,
    load: () => import('./doctor.ts'),
  },
  prove: {
    summary: 'Show that nothing is lost, doubled or paid twice while workers, database and provider fail',
    usage: ['prove [--jobs N] [--minutes M] [--seed N] [--json]'],
    flags: {
      '--jobs N': 'How many jobs; 200 when left out. Needed for a service of your own (CLIPLINE_URL).',
      '--minutes M': 'No job is submitted after so many minutes; without --jobs, as many as fit.',
      '--seed N': 'Which disasters happen when.',
    },
    examples: ['clipline prove --jobs 50'],
    isClient: false,
    load: () => import('./prove.ts'),
  },
  openapi: {
    summary: 'Print the description of the API (OpenAPI 3.1)',
    usage: ['openapi [--json]'],
    flags: { '--json': 'On one line.' },
    examples: ['clipline openapi > openapi.json'],
    isClient: false,
    load: () => import('./openapi.ts'),
  },
} as const satisfies Record<string, Command>
