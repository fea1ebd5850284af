import type { z } from 'zod'

/** One thing wrong with what a client sent. */
export interface Fault {
  /** A JSON pointer (RFC 6901) into the body; into `/query`, `/headers` or `/path` for what is not in the body. */
  readonly pointer: string
  readonly code: string
  /** What is wrong and what is accepted. */
  readonly detail: string
}

type Path = readonly PropertyKey[]
type Issue = z.core.$ZodIssue

/** The JSON pointer of a path: `['inputs', 0, 'url']` is `/inputs/0/url`. */
export const pointerTo = (path: Path): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Every fault that a schema found in `value`, each with what the schema accepts in its place. */
export const toFaults = (
  schema: z.ZodType,
  value: unknown,
  issues: readonly Issue[],
  at: Path = [],
): Fault[] => issues.flatMap((issue) => faultsOf({ schema, value, at }, issue, issue.path))

interface Subject {
  readonly schema: z.ZodType
  readonly value: unknown
  /** Where `value` itself stands, for the pointers. */
  readonly at: Path
}

const faultsOf = (subject: Subject, issue: Issue, path: Path): Fault[] => {
  const fault = (code: string, detail: string, inside: Path = path): Fault => ({
    pointer: pointerTo([...subject.at, ...inside]),
    code,
    detail,
  })
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = `must be ${inWords[issue.expected] ?? issue.expected}`
      return valueAt(subject.value, path) === undefined
        ? [fault('missing', `is required and ${wanted}`)]
        : [fault('wrong_type', wanted)]
    }
    case 'invalid_value':
      return [fault('not_accepted', `must be ${oneOf(issue.values)}`)]
    case 'too_small':
    case 'too_big':
      return [fault('out_of_range', limitOf(issue))]
    case 'unrecognized_keys': {
      const accepted = fieldsAt(subject.schema, subject.value, path)
      const detail =
        accepted.length === 0
          ? 'is not a field here'
          : `is not a field here; accepted: ${accepted.join(', ')}`
      return issue.keys.map((key) => fault('unknown_field', detail, [...path, key]))
    }
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => faultsOf(subject, inner, path))
    case 'invalid_union':
      return faultsOfUnion(subject, issue, path)
    default:
      return [fault('not_accepted', issue.message)]
  }
}

/** The faults of the one branch that was meant; where none stands out, what all branches accept. */
const faultsOfUnion = (
  subject: Subject,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
): Fault[] => {
  const fewest = Math.min(...issue.errors.map((errors) => errors.length))
  const meant = issue.errors.filter((errors) => errors.length === fewest)
  const [branch] = meant
  if (branch === undefined || meant.length > 1)
    return [{ pointer: pointerTo([...subject.at, ...path]), code: 'not_accepted', detail: issue.message }]
  return branch.flatMap((inner) => faultsOf(subject, inner, [...path, ...inner.path]))
}

const inWords: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  nonoptional: 'a JSON value',
}

const oneOf = (values: readonly unknown[]): string => {
  const words = values.map((value) => JSON.stringify(value))
  return words.length === 1 ? words.join('') : `one of ${words.join(', ')}`
}

const units: Record<string, string> = { string: 'character', array: 'element', record: 'entry' }

const limitOf = (issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string => {
  const [words, limit] =
    issue.code === 'too_big'
      ? [issue.inclusive === false ? 'less than' : 'at most', issue.maximum]
      : [issue.inclusive === false ? 'more than' : 'at least', issue.minimum]
  const unit = units[issue.origin]
  if (unit === undefined) return `must be ${words} ${limit}`
  return `must have ${words} ${limit} ${limit === 1 ? unit : unit.replace(/y$/, 'ie').concat('s')}`
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  )

/** The names of the fields that the schema knows at a path of the value. */
const fieldsAt = (schema: z.ZodType, value: unknown, path: Path): string[] => {
  const [part, ...rest] = path
  const { def } = schema as unknown as { def: SchemaDef }
  if (def.innerType) return fieldsAt(def.innerType, value, path)
  if (def.options)
    return [...new Set(branchesFor(def, value).flatMap((branch) => fieldsAt(branch, value, path)))]
  if (part === undefined) return Object.keys(def.shape ?? {})
  const inner = def.shape?.[String(part)] ?? def.element
  return inner === undefined ? [] : fieldsAt(inner, valueAt(value, [part]), rest)
}

/** Of a union that is told apart by a field, the branches of its value; else all of them. */
const branchesFor = ({ options = [], discriminator }: SchemaDef, value: unknown): readonly z.ZodType[] =>
  discriminator === undefined
    ? options
    : options.filter((option) => {
        const { shape } = (option as unknown as { def: SchemaDef }).def
        return shape?.[discriminator]?.safeParse(valueAt(value, [discriminator])).success
      })

/** As much of a zod schema's definition as leads to its fields. */
interface SchemaDef {
  readonly shape?: Record<string, z.ZodType>
  readonly element?: z.ZodType
  readonly innerType?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly discriminator?: string
}
