import { CommandFailed, exitCodes } from './exit.ts'

/** Aborts at the first SIGINT or SIGTERM, so that whoever is at work can put everything away; a second one ends us. */
export const abortOnSignals = (): AbortSignal => {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort(new CommandFailed(exitCodes.interrupted, 'stopped by a signal'))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
