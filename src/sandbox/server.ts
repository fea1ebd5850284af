import { join, resolve } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { seededAccount } from './accounts.ts'
import { musicStyles } from './agent/music-styles.ts'
import type { Route } from './call.ts'
import { type DataLock, lockData } from './data-lock.ts'
import { createFaults } from './faults/faults.ts'
import { acceptBodies, answerErrors } from './http-manners.ts'
import { openMediaStore } from './media/media-store.ts'
import { createMusicLibrary } from './media/music-library.ts'
import { createFixtureRenderer } from './movies/fixture-renderer.ts'
import { createMovieFiles } from './movies/movie-files.ts'
import type { MovieRenderer } from './movies/movie-renderer.ts'
import { createPooledRenderer } from './movies/pooled-renderer.ts'
import type { Parts } from './parts.ts'
import { createRenders } from './renders.ts'
import { anonymousTokenRoute } from './routes/anonymous-token.ts'
import { cdnRoutes } from './routes/cdn.ts'
import { registerControlRoutes } from './routes/control.ts'
import { creditsRoute } from './routes/credits.ts'
import { messageRoute } from './routes/messages.ts'
import { renderRoutes } from './routes/renders.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { tokenManagementRoutes } from './routes/token-management.ts'
import { uploadRoute } from './routes/uploads.ts'
import { createSeededChance } from './seeded-chance.ts'
import { serve } from './serve.ts'
import { newToken } from './tokens.ts'
import { createTurns } from './turns.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
import { openWorld, type World } from './world.ts'

export interface SandboxOptions {
  /** 127.0.0.1 unless given. */
  readonly host?: string
  /** 0, the default, takes any free port. */
  readonly port?: number
  /** The sandbox keeps its whole state here, and goes on from it at the next start. */
  readonly dataDir: string
  /** Multiplies every virtual delay: 1 is the provider's own pace, 0 waits for nothing. */
  readonly timeFactor?: number
  /** Decides what happens by chance. */
  readonly seed?: number
  /** Tokens that are good from the start; one that exists already keeps its credits. */
  readonly accounts?: readonly {
    readonly token: string
    readonly credits: number
    readonly plan?: 'free' | 'paid'
  }[]
  /** `fixture` renders nothing: one small still movie for each aspect ratio and length. */
  readonly renderer?: 'full' | 'tiny' | 'fixture'
  readonly renderConcurrency?: number
}

export interface Sandbox {
  readonly url: string
  /** Stops answering and working. What is unfinished goes on at the next start. */
  close(): Promise<void>
}

/**
 * Starts a provider that speaks the NemoVideo protocol (upstream-protocol.md), for local use and for tests. Throws
 * when its port is taken, or when another sandbox works in the same folder.
 */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const directory = resolve(options.dataDir)
  const clock = createVirtualClock(options.timeFactor ?? 1)
  const lock = await lockData(directory)
  const world = await openWorld(directory, clock)
  const renderer = chooseRenderer(options, directory)
  const app = fastify({
    bodyLimit: 8 * 1024 * 1024,
    forceCloseConnections: true,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 512 },
  })
  const close = async (): Promise<void> => {
    clock.stop()
    await app.close()
    await renderer.close()
    await world.close()
    await lock.release()
  }
  try {
    const parts = await assemble({ world, clock, renderer, directory, seed: options.seed ?? 1 })
    seedAccounts(world, clock, options.accounts ?? [])
    await registerRoutes(app, parts, lock)
    const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
    await world.settled()
    await lock.announce(url)
    parts.turns.resume()
    parts.renders.resume()
    return { url, close }
  } catch (error) {
    await close()
    throw error
  }
}

const chooseRenderer = (options: SandboxOptions, directory: string): MovieRenderer => {
  const renderer = options.renderer ?? 'full'
  return renderer === 'fixture'
    ? createFixtureRenderer(directory)
    : createPooledRenderer(directory, renderer, options.renderConcurrency ?? 2)
}

interface Foundations {
  readonly world: World
  readonly clock: VirtualClock
  readonly renderer: MovieRenderer
  readonly directory: string
  readonly seed: number
}

const assemble = async ({ world, clock, renderer, directory, seed }: Foundations): Promise<Parts> => {
  const mediaDirectory = join(directory, 'media')
  const movies = createMovieFiles({ world, renderer, mediaDirectory, dataDirectory: directory })
  const chance = createSeededChance(seed)
  return {
    world,
    clock,
    chance,
    movies,
    dataDirectory: directory,
    faults: createFaults(world, chance),
    turns: createTurns(world, clock),
    renders: createRenders({ world, clock, renderDraft: movies.renderDraft }),
    media: await openMediaStore(mediaDirectory, filesOf(world)),
    music: createMusicLibrary(join(directory, 'music'), musicStyles),
  }
}

function* filesOf(world: World): Generator<string> {
  for (const media of world.list('media')) yield media.file
}

const seedAccounts = (
  world: World,
  clock: VirtualClock,
  seeds: NonNullable<SandboxOptions['accounts']>,
): void => {
  for (const { token: text, credits, plan = 'free' } of seeds) {
    if (world.find('tokens', text) !== null) continue
    const account = seededAccount(text, credits, plan)
    const token = newToken({
      token: text,
      userId: account.userId,
      name: 'seeded',
      scopes: ['*'],
      createdAtMs: clock.nowMs(),
      expiresAtMs: null,
    })
    world.commit({
      changes: [
        ['accounts', account.userId, account],
        ['tokens', text, token],
      ],
    })
  }
}

const registerRoutes = async (app: FastifyInstance, parts: Parts, lock: DataLock): Promise<void> => {
  await acceptBodies(app)
  answerErrors(app, (error) => console.error('the sandbox failed to answer:', error))
  app.get('/healthz', async () => ({ status: 'ok', instance: lock.instance }))
  registerControlRoutes(app, parts)
  const routes: readonly Route[] = [
    anonymousTokenRoute(parts),
    ...tokenManagementRoutes(parts),
    ...sessionRoutes(parts),
    messageRoute(parts),
    uploadRoute(parts),
    creditsRoute(),
    ...renderRoutes(parts),
    ...cdnRoutes(parts),
  ]
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: (request, reply) => serve(parts, route, request, reply),
    })
  }
}
