import { frame } from './frame.ts'

/** The shapes in which ADK servers report an exception in mid-stream (upstream-protocol.md §3.4). */
export const errorFrames = ['py', 'pySynthetic', 'pyNewest', 'js', 'go'] as const
export type ErrorFrame = (typeof errorFrames)[number]

/** The frame of an exception with this text. `py` inserts it without escaping, as the real server did. */
export const errorFrame = (variant: ErrorFrame, text: string, nowMs: number): string => {
  switch (variant) {
    case 'py':
      return `data: {"error": "${text}"}\n\n`
    case 'pySynthetic':
      return frame({
        content: { parts: [{ text: `Error: ${text}` }], role: 'model' },
        invocationId: '',
        author: 'nemo_agent',
        actions: { stateDelta: {}, artifactDelta: {}, requestedAuthConfigs: {} },
        timestamp: nowMs / 1000,
      })
    case 'pyNewest':
      return frame({
        error: `ValueError: ${text}`,
        error_details: { error_type: 'ValueError', error_message: text, timestamp: nowMs / 1000 },
      })
    case 'js':
      return frame({ error: text })
    case 'go':
      return `event: error\n${frame({ error: text })}`
  }
}

/** What ADK's session service says to a second run on a busy session. */
export const staleSession = 'The session was changed by another run: this is a stale session.'
