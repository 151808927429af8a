import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { memoryDirectory } from './test/support/memory-directory.ts'

const temporary = process.env['TMPDIR'] ?? memoryDirectory()
if (temporary !== undefined) process.env['TMPDIR'] = temporary

/**
 * Suites that know which store they run on. All others run on SQLite, and those of `BOTH` on MongoDB as well.
 */
const MONGO_ONLY = ['test/stores/mongodb*.test.ts', 'test/mongodb/**/*.test.ts']
const BOTH = [
  'test/api/**/*.test.ts',
  'test/security/**/*.test.ts',
  'test/sdk/daemon.test.ts',
  'test/cli/{host,policies,words}.test.ts',
  'test/journeys/{apply,apply-under-load,duplicates,faces,key-rotation,leases,mixed-releases,shutdown}.test.ts',
]
/** What a store has no part in: on MongoDB it would show the same again. */
const WITHOUT_STORE = [
  'test/api/{oauth-clients,oauth-oracle}.test.ts',
  'test/security/{common-passwords,forged-jws,hostile-text,http-input,jws-vectors,phone-forms,silent-connections,token-signer}.test.ts',
]
/** What mostly waits for time-outs: four at a time, when nothing computes beside it. */
const WAITING = [
  'test/mongodb/{outages,network-faults}.test.ts',
  'test/security/silent-connections.test.ts',
  'test/journeys/{leases,local-decider}.test.ts',
  'test/cli/answers.test.ts',
]
/**
 * What holds an answer under load to a time that is promised: on a small machine anything beside it would be
 * measured too.
 */
const ALONE = [
  'test/mongodb/{election,mixed-load,races}.test.ts',
  'test/journeys/{key-rotation,overload,shutdown}.test.ts',
  'test/security/{revocation,timing}.test.ts',
]

const ON_SQLITE = { globalSetup: ['test/support/global-setup.ts'] }
const ON_MONGODB = {
  globalSetup: ['test/support/mongo-setup.ts'],
  setupFiles: ['test/support/mongo-env.ts'],
}
/** Groups run one after the other. */
const SECOND = { maxWorkers: 4, sequence: { groupOrder: 1 } }
const THIRD = { maxWorkers: 1, sequence: { groupOrder: 2 } }

const SDK = fileURLToPath(new URL('sdk/', import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@authctl\/sdk$/, replacement: `${SDK}index.ts` },
      { find: /^@authctl\/sdk\/(\w+)$/, replacement: `${SDK}$1/index.ts` },
    ],
  },
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    // One more than the processors of a small machine: while a file waits, the others go on.
    maxWorkers: 3,
    // A process serves many files and loads what they share once.
    isolate: false,
    projects: [
      {
        name: 'sqlite',
        ...ON_SQLITE,
        include: ['test/**/*.test.ts'],
        exclude: [...MONGO_ONLY, ...WAITING, ...ALONE],
      },
      { name: 'sqlite-waiting', ...ON_SQLITE, ...SECOND, include: WAITING, exclude: MONGO_ONLY },
      { name: 'sqlite-alone', ...ON_SQLITE, ...THIRD, include: ALONE, exclude: MONGO_ONLY },
      {
        name: 'mongodb',
        ...ON_MONGODB,
        include: [...MONGO_ONLY, ...BOTH],
        exclude: [...WITHOUT_STORE, ...WAITING, ...ALONE],
      },
      {
        name: 'mongodb-waiting',
        ...ON_MONGODB,
        ...SECOND,
        include: WAITING,
        exclude: ['test/cli/answers.test.ts', 'test/journeys/local-decider.test.ts', ...WITHOUT_STORE],
      },
      {
        name: 'mongodb-alone',
        ...ON_MONGODB,
        ...THIRD,
        include: ALONE,
        exclude: ['test/journeys/overload.test.ts'],
      },
    ].map((project) => ({ extends: true, test: project })),
    // What is built is run as it is.
    server: { deps: { external: [/\/dist\/validators\//] } },
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
})
