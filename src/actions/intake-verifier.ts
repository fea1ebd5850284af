/** How an intake verifies: what a client asks for, what is stored, what the check takes. */
import { createHash, randomBytes } from 'node:crypto'
import { newCallbackSecret } from '../callbacks/secret.ts'
import { usualReplayWindowS, type Verifier } from '../intakes/verifier.ts'
import type { StoredVerifier } from '../store/intakes.ts'
import type { VerifierIn } from './intake-in.ts'

const freshBytes = 32

/** A secret for the type, in the form that its senders take; null where nothing is signed. */
export const newIntakeSecret = (type: VerifierIn['type']): string | null => {
  switch (type) {
    case 'none':
      return null
    case 'standard-webhooks':
      return newCallbackSecret()
    case 'hmac-sha256':
    case 'github':
      return randomBytes(freshBytes).toString('base64url')
  }
}

export const givenSecretOf = (verifier: VerifierIn): string | null =>
  'secret' in verifier ? (verifier.secret ?? null) : null

export const toStoredVerifier = (verifier: VerifierIn): StoredVerifier => ({
  type: verifier.type,
  header: verifier.type === 'hmac-sha256' ? verifier.header : null,
  encoding: verifier.type === 'hmac-sha256' ? verifier.encoding : null,
  prefix: verifier.type === 'hmac-sha256' ? verifier.prefix : null,
  id_header: 'id_header' in verifier ? (verifier.id_header ?? null) : null,
  replay_window_s: 'replay_window_s' in verifier ? verifier.replay_window_s : null,
})

export const toVerifier = ({ type, header, encoding, prefix, id_header }: StoredVerifier): Verifier => ({
  type: type as Verifier['type'],
  header,
  encoding: encoding as Verifier['encoding'],
  prefix,
  idHeader: id_header,
})

/** For how long a body is remembered that was signed without the id beside it; 0 where that is not needed. */
export const replayWindowOf = ({ type, id_header, replay_window_s }: StoredVerifier): number =>
  type === 'github' || (type === 'hmac-sha256' && id_header !== null)
    ? (replay_window_s ?? usualReplayWindowS)
    : 0

export const bodyDigestOf = (body: Buffer): string => createHash('sha256').update(body).digest('hex')
