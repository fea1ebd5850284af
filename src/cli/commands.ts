import { clientCommands } from './client-commands.ts'
import { serverCommands } from './server-commands.ts'

/** Every command by its name, in the order of the help. */
export const commands = { ...serverCommands, ...clientCommands }

export type CommandName = keyof typeof commands

export const isCommandName = (text: string): text is CommandName => Object.hasOwn(commands, text)
