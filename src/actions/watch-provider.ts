import type { Clock } from '../clock.ts'
import { type MessageChannel, type Provider, ProviderError } from '../providers/provider.ts'
import type { Telemetry } from '../telemetry.ts'

/** Runs a call and states how it went; `outcomeOf` reads it from an answer that is more than “it worked”. */
type Watch = <Answer>(
  operation: string,
  call: Promise<Answer>,
  outcomeOf?: (answer: Answer) => string,
) => Promise<Answer>

const createWatch =
  ({ clock, telemetry }: { readonly clock: Clock; readonly telemetry: Telemetry }): Watch =>
  async (operation, call, outcomeOf = () => 'ok') => {
    const startedMs = clock.monotonicMs()
    const tell = (outcome: string) =>
      telemetry.state('provider.answered', { operation, outcome, ms: clock.monotonicMs() - startedMs })
    try {
      const answer = await call
      tell(outcomeOf(answer))
      return answer
    } catch (error) {
      tell(error instanceof ProviderError ? error.code : 'interrupted')
      throw error
    }
  }

/** The same provider; each call that is made of it becomes a fact. */
export const watchProvider = (
  provider: Provider,
  deps: { readonly clock: Clock; readonly telemetry: Telemetry },
): Provider => {
  const watch = createWatch(deps)
  return {
    observeCalls: (onCall, work) => provider.observeCalls(onCall, work),
    requestToken: (...args) => watch('request_token', provider.requestToken(...args)),
    createSession: (...args) => watch('create_session', provider.createSession(...args)),
    uploadFile: (...args) => watch('upload_file', provider.uploadFile(...args)),
    uploadUrl: (...args) => watch('upload_url', provider.uploadUrl(...args)),
    readSession: (...args) => watch('read_session', provider.readSession(...args)),
    readCredits: (...args) => watch('read_credits', provider.readCredits(...args)),
    openChannel: (...args) => watchChannel(provider.openChannel(...args), watch),
    submitRender: (...args) => watch('submit_render', provider.submitRender(...args)),
    readRender: (...args) => watch('read_render', provider.readRender(...args)),
    cancelRender: (...args) => watch('cancel_render', provider.cancelRender(...args)),
    download: (...args) => watch('download', provider.download(...args)),
    writeSubtitles: (tracks, format) => provider.writeSubtitles(tracks, format),
    routeMessage: (text) => provider.routeMessage(text),
    translateText: (text, language) => provider.translateText(text, language),
    close: () => provider.close(),
  }
}

const watchChannel = (channel: MessageChannel, watch: Watch): MessageChannel => ({
  readSession: (signal) => watch('read_session', channel.readSession(signal)),
  readCredits: (signal) => watch('read_credits', channel.readCredits(signal)),
  send: (...args) =>
    watch('send_message', channel.send(...args), (result) =>
      result.outcome === 'rejected' ? result.error.code : result.outcome,
    ),
  close: () => channel.close(),
})
