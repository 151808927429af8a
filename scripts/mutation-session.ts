import { writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVitest } from 'vitest/node'
import { suitesOf, type Mutant } from './mutants.ts'

/*
 * Runs the suites on one mutant after the other, in a copy of the repository and in one process: what is read
 * once is not read again. Its parent sends mutants, and is told what noticed each; null: nothing did.
 */

const copy = process.argv[2]
if (copy === undefined) throw new Error('which copy?')

/** As they are written: the quickest first, so that most mutants are noticed at once. */
class AsWritten {
  sort<T>(files: T): T {
    return files
  }

  shard<T>(files: T): T {
    return files
  }
}

const vitest = await createVitest('test', {
  root: copy,
  config: false,
  watch: false,
  include: ['test/policies/*.test.ts'],
  setupFiles: ['./setup.mjs'],
  // What holds a decision to a time fails on a machine that does something else too.
  testNamePattern: /^(?!.*millisecond)/,
  pool: 'threads',
  isolate: false,
  fileParallelism: false,
  bail: 1,
  testTimeout: 60_000,
  sequence: { sequencer: AsWritten },
  reporters: [{}],
})

const noticedBy = async (mutant: Mutant): Promise<string | null> => {
  const path = join(copy, 'policies', mutant.file)
  const text = readFileSync(path, 'utf8')
  const lines = text.split('\n')
  lines[mutant.line - 1] = mutant.is
  writeFileSync(path, lines.join('\n'))
  vitest.invalidateFile(path)
  // A suite that has failed before and is not run again is no answer.
  vitest.state.filesMap.clear()
  try {
    const project = vitest.getRootProject()
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
      suitesOf(mutant).map((suite) =>
        project.createSpecification(join(copy, `test/policies/${suite}.test.ts`)),
      ),
    )
    const failed = testModules.find((each) => each.state() === 'failed')
    if (failed === undefined) return unhandledErrors.length > 0 ? 'an error' : null
    const [test] = [...failed.children.allTests('failed')]
    return test?.fullName ?? failed.moduleId
  } finally {
    writeFileSync(path, text)
    vitest.invalidateFile(path)
  }
}

/** A mutant that takes longer never ends; of the processor, since other work may hold this up. */
const MAX_PROCESSOR_SECONDS = 20
const WATCH_EVERY_MS = 1000

/** The suites run in a thread: this one sees that they do not end. What waits for an answer starts anew. */
const watch = (): (() => void) => {
  const begun = process.cpuUsage()
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(begun)
    if (user + system < MAX_PROCESSOR_SECONDS * 1e6) return
    clearInterval(timer)
    process.send?.({ noticed: 'the time limit', isLast: true }, () => process.kill(process.pid, 'SIGKILL'))
  }, WATCH_EVERY_MS)
  return () => clearInterval(timer)
}

process.on('message', (mutant: Mutant) => {
  const stop = watch()
  void noticedBy(mutant)
    .finally(stop)
    .then(
      (noticed) => process.send?.({ noticed }),
      (error: unknown) => process.send?.({ noticed: String(error) }),
    )
})
process.on('disconnect', () => process.exit())
