import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest comes first, so that nobody waits for it at the end; in a fresh clone no durations are known. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranks = ['browser', 'simulation', 'e2e', 'integration', 'unit']
    const rank = ({ project, moduleId }: TestSpecification) =>
      ranks.indexOf(moduleId.includes('/simulation/') ? 'simulation' : project.name)
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right))
  }
}

/**
 * `unit` is pure; `integration` and `e2e` start real servers (embedded Postgres, the sandbox, Redis where present);
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
    // A fact that is waited for comes late on a busy machine, but it comes.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
