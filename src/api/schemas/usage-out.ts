import { z } from 'zod'
import type { Fault } from '../../actions/fault.ts'
import { type Usage, type UsageFigures, usageGroups } from '../../store/usage.ts'
import { limitQuery } from './list.ts'

const dayMs = 86_400_000
const mostDays = 366
const usualDays = 30

const day = z.iso
  .date({ error: 'must be a day such as 2026-09-01' })
  .refine((text) => text >= '2000', { error: 'must not be before 2000-01-01' })

/** Before the name of a group, so that no cursor is empty. */
const cursorMark = '.'

/** Names the last group of an earlier page. */
const groupCursor = z
  .string()
  .max(2_000)
  .transform((text, context) => {
    const name = Buffer.from(text, 'base64url').toString('utf8')
    if (name.startsWith(cursorMark) && !name.includes('\0')) return name.slice(cursorMark.length)
    context.addIssue({ code: 'custom', message: 'must be a cursor that an earlier page gave' })
    return z.NEVER
  })

const formatGroupCursor = (group: string): string =>
  Buffer.from(`${cursorMark}${group}`).toString('base64url')

export const UsageQuery = z.strictObject({
  from: day
    .optional()
    .describe('The first day, UTC; 29 days before `to` when left out.')
    .meta({ examples: ['2026-09-01'] }),
  to: day
    .optional()
    .describe('The last day, included; today when left out.')
    .meta({ examples: ['2026-09-30'] }),
  group_by: z.enum(usageGroups).default('day'),
  limit: limitQuery,
  cursor: groupCursor.optional(),
})

export type Days =
  | { readonly outcome: 'days'; readonly from: string; readonly to: string }
  | { readonly outcome: 'refused'; readonly faults: readonly Fault[] }

/** The days that are asked for, or what is wrong with them together. */
export const toDays = (
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowMs: number,
): Days => {
  const last = to ?? formatDay(nowMs)
  const first = from ?? formatDay(Date.parse(last) - (usualDays - 1) * dayMs)
  const days = (Date.parse(last) - Date.parse(first)) / dayMs + 1
  if (days >= 1 && days <= mostDays) return { outcome: 'days', from: first, to: last }
  const detail =
    days < 1
      ? `must not be after ${last}, the last day`
      : `must be at most ${mostDays - 1} days before ${last}, the last day`
  return { outcome: 'refused', faults: [{ pointer: '/query/from', code: 'out_of_range', detail }] }
}

const formatDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

const count = z.int().min(0)
const figures = {
  jobs: z
    .object({ succeeded: count, failed: count, canceled: count })
    .describe('By how they ended, on the day on which they did. A redriven job counts where it ends next.'),
  credits: z.object({
    reserved: count.describe('For messages that are under way now, on the day on which they were sent.'),
    spent: z
      .int()
      .describe('On the day on which it was known. Negative where an estimate was corrected since.'),
    at_risk: z.int().describe('Part of what was spent: of messages whose outcome is unknown.'),
  }),
  render_seconds: z.number().describe('Length of the videos that were made.'),
  bytes: count.describe('Size of the files that were made.'),
}

export const UsageOut = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    group_by: z.enum(usageGroups),
    total: z.object(figures).describe('Of all groups, on every page.'),
    data: z.array(
      z.object({
        group: z
          .string()
          .nullable()
          .describe(
            'The day, the skill or the tag; null is what has no tag, `(other)` what is beyond the thousandth tag of a day. Only groups with figures are here.',
          ),
        ...figures,
      }),
    ),
    next_cursor: z.string().nullable().describe('Goes into ?cursor= for the next page; null on the last.'),
  })
  .meta({ id: 'Usage' })

type UsageOut = z.output<typeof UsageOut>

/** A page of groups; `groups` has one more than `limit` where there are more. */
export const toUsageOut = (
  asked: Pick<UsageOut, 'from' | 'to' | 'group_by'>,
  { total, groups }: Usage,
  limit: number,
): UsageOut => {
  const shown = groups.slice(0, limit)
  const last = shown.at(-1)
  return {
    ...asked,
    total: toFiguresOut(total),
    data: shown.map(({ group, ...figuresOfGroup }) => ({
      group: group === '' ? null : group,
      ...toFiguresOut(figuresOfGroup),
    })),
    next_cursor: groups.length > limit && last !== undefined ? formatGroupCursor(last.group) : null,
  }
}

const toFiguresOut = (usage: UsageFigures) => ({
  jobs: { succeeded: usage.succeeded, failed: usage.failed, canceled: usage.canceled },
  credits: {
    reserved: usage.creditsReserved,
    spent: usage.creditsSpent,
    at_risk: usage.creditsAtRisk,
  },
  render_seconds: Math.round(usage.renderSeconds * 1_000) / 1_000,
  bytes: usage.sizeBytes,
})
