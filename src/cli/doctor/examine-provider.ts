import { request } from 'undici'
import { attributionOf } from '../../actions/stage-context.ts'
import { systemClock } from '../../clock.ts'
import { providers } from '../../providers/index.ts'
import { ProviderError } from '../../providers/provider.ts'
import { defaultSkillName, skills } from '../../skills/index.ts'
import { bad, doubtful, type Finding, good, reasonOf, skipped } from './finding.ts'
import type { Patient } from './patient.ts'

const patienceMs = 15_000

export interface ProviderDiagnosis {
  readonly finding: Finding
  /** How far its clock is ahead of ours, to the second; null when it did not say. */
  readonly aheadMs: number | null
}

/** Does it answer, does it take the token, and is there something left to spend? Costs nothing. */
export const examineProvider = async (patient: Patient): Promise<ProviderDiagnosis> => {
  const { nemoApiUrl, isSandbox, nowMs } = patient
  if (nemoApiUrl === null)
    return {
      finding: skipped('provider', 'the sandbox, which “clipline up” starts; it is not running now'),
      aheadMs: null,
    }
  try {
    const beforeMs = nowMs()
    const { headers, body } = await request(nemoApiUrl, { signal: AbortSignal.timeout(patienceMs) })
    await body.dump()
    const toldMs = Date.parse(String(headers['date']))
    // It tells whole seconds, on average half a second ago.
    const aheadMs = Number.isNaN(toldMs) ? null : toldMs + 500 - (beforeMs + nowMs()) / 2
    return { finding: await examineToken(patient), aheadMs }
  } catch (error) {
    const text = `${nemoApiUrl} does not answer: ${reasonOf(error)}`
    const advice = isSandbox
      ? 'Start it: clipline up.'
      : 'Check NEMO_API_URL, and whether this machine may call it (proxy, firewall, DNS).'
    return { finding: bad('provider', text, advice), aheadMs: null }
  }
}

const examineToken = async ({ nemoApiUrl, nemoToken, isSandbox, platform }: Patient): Promise<Finding> => {
  const place = isSandbox ? 'the sandbox' : nemoApiUrl
  if (nemoToken === null)
    return good('provider', `${place} answers; an anonymous token is asked for with the first job`)
  const timings = { sseIdleMs: patienceMs, sseMaxMs: patienceMs, callTimeoutMs: patienceMs }
  const provider = providers.nemo({ apiUrl: nemoApiUrl ?? '', clock: systemClock, timings })
  const access = { token: nemoToken, attribution: attributionOf(skills[defaultSkillName], platform) }
  try {
    const { available } = await provider.readCredits(access, AbortSignal.timeout(patienceMs))
    const text = `${place} answers and takes the token, ${available} credits`
    if (available >= skills[defaultSkillName].creditEstimates.generation) return good('provider', text)
    return doubtful('provider', text, 'Buy credits: jobs that cost more fail with out_of_credits.')
  } catch (error) {
    const isRefused = error instanceof ProviderError && error.code === 'provider_auth_failed'
    const advice = isRefused
      ? 'Set NEMO_TOKEN to a token that is valid, or leave it out for an anonymous one.'
      : 'Try again later; if it stays, look whether NEMO_API_URL is really the API.'
    return bad('provider', `${place}: ${reasonOf(error)}`, advice)
  } finally {
    await provider.close()
  }
}
