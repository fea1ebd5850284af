import { z } from 'zod'

const maxValues = 50

/** Several values of one parameter that were told apart already. */
export const repeatedOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((given) => [given].flat(), z.array(item).min(1).max(maxValues))

/** Several values of one parameter: repeated, or with commas between them. */
export const valuesOf = <Item extends z.ZodType>(item: Item) =>
  z
    .preprocess(
      (given) =>
        given === undefined ? undefined : [given].flat().flatMap((text) => String(text).split(',')),
      z.array(item).min(1).max(maxValues).optional(),
    )
    .optional()
