/** Who may import whom (the README's source map). `to` lists what a folder may see besides itself and npm packages. */
const bottom = ['^src/job/', '^src/(clock|make-folder|patience|url-name|wake)\\.ts$']
const may = {
  job: ['^src/clock\\.ts$'],
  crypto: [...bottom],
  egress: [...bottom],
  skills: [...bottom],
  media: [...bottom],
  store: [...bottom],
  queue: [...bottom],
  providers: [...bottom],
  callbacks: [...bottom, '^src/egress/', '^src/crypto/'],
  intakes: [...bottom, '^src/callbacks/'],
  stages: [...bottom, '^src/providers/provider\\.ts$'],
  actions: [
    ...bottom,
    '^src/(stages|callbacks|intakes|store|queue|media|skills|egress|crypto)/',
    '^src/providers/provider\\.ts$',
    '^src/telemetry\\.ts$',
  ],
  worker: [...bottom, '^src/(actions|store|queue)/', '^src/telemetry\\.ts$'],
  api: [
    ...bottom,
    '^src/(actions|store|media|skills|egress|crypto|callbacks|intakes)/',
    '^src/providers/provider\\.ts$',
    '^src/telemetry\\.ts$',
  ],
  sandbox: [],
  console: [],
}

const boundaries = Object.entries(may).map(([folder, allowed]) => ({
  name: `${folder}-boundary`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, ...allowed] },
}))

module.exports = {
  forbidden: [
    ...boundaries,
    {
      name: 'no-cycles',
      comment: 'Types are gone, and what is imported on demand is asked for, once the code runs.',
      severity: 'error',
      from: { path: '^src/', pathNot: '/generated/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    {
      name: 'postgres-only-in-store',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/store/' },
      to: { path: 'node_modules/(pg|@prisma|@types/pg)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'bullmq-only-in-queue',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/queue/' },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'client-is-alone',
      comment: 'It is a package of its own to its users: nothing of the service comes with it.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { path: '^src/', pathNot: '^src/client/' },
    },
    {
      name: 'client-commands-know-only-the-api',
      severity: 'error',
      from: {
        path: '^src/cli/(submit|watch|batch|batch-.*|sessions|sessions-.*|keys|tenants|provider-accounts|deliveries|follow|save|send-file|progress|print|connection)\\.ts$',
      },
      to: { path: '^src/', pathNot: ['^src/(cli|client)/', '^src/config\\.ts$'] },
    },
    {
      name: 'the-src-never-imports-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'src/store/generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
}
