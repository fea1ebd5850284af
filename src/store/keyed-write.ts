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
export const writeKeyed = (
  prisma: PrismaClient,
  writes: readonly Prisma.PrismaPromise<unknown>[],
  answer: KeyedAnswer | null,
): Promise<boolean> =>
  isWritten(async () => {
    await prisma.$transaction([...(answer === null ? [] : [createKey(prisma, answer)]), ...writes])
    return true
  })

/** The same where only the transaction can tell whether there is room: nothing is written when `write` says false. */
export const writeKeyedIf = (
  prisma: PrismaClient,
  write: (transaction: Prisma.TransactionClient) => Promise<boolean>,
  answer: KeyedAnswer | null,
): Promise<boolean> =>
  isWritten(() =>
    prisma.$transaction(async (transaction) => {
      if (!(await write(transaction))) return false
      if (answer !== null) await createKey(transaction, answer)
      return true
    }),
  )

const createKey = ({ idempotencyKey }: Prisma.TransactionClient, answer: KeyedAnswer) =>
  idempotencyKey.create({ data: { ...answer, body: JSON.parse(JSON.stringify(answer.body)) } })

const isWritten = async (write: () => Promise<boolean>): Promise<boolean> => {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'P2002') return false
    throw error
  }
}
