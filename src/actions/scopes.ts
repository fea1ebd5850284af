/** What an API key may be allowed to do (api.md §0). */
export const scopes = [
  'jobs:read',
  'jobs:write',
  'uploads:write',
  'callbacks:read',
  'callbacks:write',
  'intakes:read',
  'intakes:write',
  'usage:read',
  'keys:write',
  'admin',
] as const

export type Scope = (typeof scopes)[number]

export const isScope = (value: unknown): value is Scope => (scopes as readonly unknown[]).includes(value)
