import type { Prisma, PrismaClient } from './generated/client.ts'

/** The answer to a POST that created something, as it is stored under its `Idempotency-Key` (api.md §0). */
export interface KeyedAnswer {
  readonly tenantId: string
  readonly route: string
  readonly key: string
  readonly fingerprint: string
  readonly resourceId: string
  readonly status: number
  readonly body: unknown
}

/** Carries out all writes with the answer, in one transaction; false when something unique, first of all the key, is taken. */
export const writeKeyed = async (
  prisma: PrismaClient,
  writes: readonly Prisma.PrismaPromise<unknown>[],
  answer: KeyedAnswer | null,
): Promise<boolean> => {
  const keys =
    answer === null
      ? []
      : [
          prisma.idempotencyKey.create({
            data: { ...answer, body: JSON.parse(JSON.stringify(answer.body)) },
          }),
        ]
  try {
    await prisma.$transaction([...keys, ...writes])
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'P2002') return false
    throw error
  }
}
