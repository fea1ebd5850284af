import type { Faults } from './faults/faults.ts'
import type { MediaStore } from './media/media-store.ts'
import type { MusicLibrary } from './media/music-library.ts'
import type { MovieFiles } from './movies/movie-files.ts'
import type { Renders } from './renders.ts'
import type { SeededChance } from './seeded-chance.ts'
import type { Turns } from './turns.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { World } from './world.ts'

/** What the routes are handed. */
export interface Parts {
  readonly world: World
  readonly clock: VirtualClock
  readonly chance: SeededChance
  readonly faults: Faults
  readonly turns: Turns
  readonly renders: Renders
  readonly media: MediaStore
  readonly music: MusicLibrary
  readonly movies: MovieFiles
  readonly dataDirectory: string
}
