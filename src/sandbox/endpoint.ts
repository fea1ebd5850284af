/** The endpoints of the protocol (upstream-protocol.md §1.3) and the files, as faults name them. */
export const endpoints = [
  'anonymous_token',
  'create_session',
  'run_sse',
  'upload',
  'balance',
  'state',
  'render_submit',
  'render_poll',
  'render_download',
  'render_cancel',
  'claim_token',
  'create_token',
  'list_tokens',
  'revoke_token',
  'cdn_render',
  'cdn_clip',
  'cdn_upload',
  'cdn_music',
] as const

export type Endpoint = (typeof endpoints)[number]
