/** What a message of a conversation may come to (api.md §2). */
export const conversationActions = ['generate', 'export', 'upload', 'credits', 'status', 'subtitles'] as const
export type ConversationAction = (typeof conversationActions)[number]
