/** The intent rows of inputs, by job, place and provider session. */
import type { InputRow } from './rows.ts'

export interface InputKeyRow {
  readonly job_id: string
  readonly no: number
  readonly provider_session_id: string
}

type Inputs = Map<string, InputRow>

const nameOf = ({ job_id, no, provider_session_id }: InputKeyRow): string =>
  `${job_id} ${no} ${provider_session_id}`

export const startInput = (inputs: Inputs, key: InputKeyRow): InputKeyRow & { state: string } => {
  const before = inputs.get(nameOf(key))
  if (before === undefined) inputs.set(nameOf(key), { state: 'started' })
  return { ...key, state: before?.state ?? 'fresh' }
}

export const acknowledgeInput = (inputs: Inputs, key: InputKeyRow): void => {
  const input = inputs.get(nameOf(key))
  if (input !== undefined) input.state = 'acknowledged'
}
