import { startSandbox } from '../../../src/sandbox/server.ts'

/** A sandbox of its own process, so that a test can kill it: the options come as JSON, the URL goes to stdout. */
const sandbox = await startSandbox(JSON.parse(process.argv[2] ?? '{}'))
process.stdout.write(`${sandbox.url}\n`)
