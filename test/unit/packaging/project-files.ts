import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const pathOf = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url))

/** A file of the project's root. */
export const readProjectFile = (name: string): string => readFileSync(pathOf(name), 'utf8')
