import type { JobRequest } from '../../client/index.ts'
import type { SeededRandom } from './seeded-random.ts'

const subjects = [
  'a fox in the snow',
  'a harbor at dawn',
  'waves on a beach',
  'a train in the fog',
  'city lights',
]
const edits = ['add lo-fi background music', 'make the title red', 'make it brighter', 'add a fade out']

/** A job as clients write them: most are one message, some go on with edits. */
export const toDrillJob =
  (withSteps: number) =>
  (no: number, random: SeededRandom): JobRequest => {
    const first = random.pick(edits) ?? ''
    const second = random.pick(edits.filter((edit) => edit !== first)) ?? ''
    const steps = random.next() >= withSteps ? [] : random.next() < 0.5 ? [first] : [first, second]
    return { prompt: `${random.pick(subjects)}, clip number ${no}`, steps }
  }
