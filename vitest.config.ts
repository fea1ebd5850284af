import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest comes first, so that nobody waits for it at the end; in a fresh clone no durations are known. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const folders = ['/unit/simulation/', '/e2e/', '/conformance/', '/integration/', '/unit/']
    const rank = ({ moduleId }: TestSpecification) => folders.findIndex((folder) => moduleId.includes(folder))
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right))
  }
}

const servers = ['test/support/global-setup.ts']

/**
 * `unit` is pure; `all` is that and what starts real servers (embedded Postgres, the sandbox, Redis where present);
 * `browser` drives the console with Chromium where there is one.
 */
export default defineConfig({
  test: {
    globals: false,
    // Most of a file's time is waiting for servers, so there may be more of them than cores.
    maxWorkers: 3,
    // Files of a worker share what they import, which halves the whole; none of them replaces a module.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A fact that is waited for comes late on a busy machine, but it comes.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          // One project for all of them: each transforms and imports the source anew.
          name: 'all',
          include: ['test/{unit,integration,conformance,e2e}/**/*.test.ts'],
          globalSetup: servers,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], globalSetup: servers },
      },
    ],
  },
})
