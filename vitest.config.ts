import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Suites that know which store they run on. All others run on SQLite, and those of `BOTH` on MongoDB as well. */
const MONGO_ONLY = ['test/stores/mongodb*.test.ts', 'test/mongodb/**/*.test.ts']
/** What measures how long an answer takes while MongoDB is away: on a small machine anything beside it would be measured too. */
const ALONE = ['test/mongodb/outages.test.ts']
const BOTH = [
  'test/api/**/*.test.ts',
  'test/security/**/*.test.ts',
  'test/sdk/daemon.test.ts',
  'test/cli/{story,policies-story}.test.ts',
  'test/journeys/{duplicates,key-rotation,leases,shutdown}.test.ts',
]

export default defineConfig({
  resolve: { alias: { '@authctl/sdk': fileURLToPath(new URL('sdk/index.ts', import.meta.url)) } },
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'sqlite',
          include: ['test/**/*.test.ts'],
          exclude: MONGO_ONLY,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'mongodb',
          include: [...MONGO_ONLY, ...BOTH],
          exclude: ALONE,
          globalSetup: ['test/support/mongo-setup.ts'],
          setupFiles: ['test/support/mongo-env.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'mongodb-alone',
          include: ALONE,
          globalSetup: ['test/support/mongo-setup.ts'],
          setupFiles: ['test/support/mongo-env.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
})
