import { type AppSettings, MissingSettings, resolveSettings, type ShapeDefaults } from '../app-settings.ts'
import { type Config, parseConfig, readEnvironment } from '../config.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** The settings of the environment; every bad one is named, with what is accepted. */
export const readConfig = (): Config => {
  const parsed = parseConfig(readEnvironment())
  if (parsed.ok) return parsed.config
  const lines = parsed.problems.map(({ name, accepted }) => `  ${name}: expected ${accepted}`)
  throw new CommandFailed(exitCodes.usage, `these settings cannot be used:\n${lines.join('\n')}`)
}

export const settingsFor = (config: Config, shape: ShapeDefaults): AppSettings => {
  try {
    return resolveSettings(config, shape)
  } catch (error) {
    if (!(error instanceof MissingSettings)) throw error
    const hint = 'Set them (see .env.example), or run “clipline up”, which starts what is missing.'
    throw new CommandFailed(exitCodes.usage, `${error.message}. ${hint}`)
  }
}
