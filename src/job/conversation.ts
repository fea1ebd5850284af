/** What a message of a conversation may come to (api.md §2). */
export const conversationActions = ['generate', 'export', 'upload', 'credits', 'status', 'subtitles'] as const
export type ConversationAction = (typeof conversationActions)[number]

/** A conversation with more jobs that have not ended takes no more: one is worked on at a time. */
export const maxOpenJobs = 100
