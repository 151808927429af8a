import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { EQUIVALENT } from './equivalent-mutants.ts'
import { mutantsOf, ROOMS, suitesOf, type Mutant } from './mutants.ts'

/*
 * Changes one word of the engine or the ceiling at a time, in a copy, and runs the suites of policies/ on it.
 * A change that no test notices is a survivor: either a test is missing, or nothing depends on the word, and
 * then it is named in equivalent-mutants.ts. `npm run mutate:policies -- --sample 100 --seed 2`, `--all`,
 * `--file ceiling/,engine/layer.ts,engine/match.ts:45`, `--sessions 2` on as many cores, `--again FILE` for
 * the survivors that an earlier run has written; a survivor that is not named there makes it
 * exit 1.
 */

const ROOT = resolve(import.meta.dirname, '..')
/** What a session says of a mutant; `isLast`: it did not end, and its process is gone. */
interface Noticed {
  readonly noticed: string | null
  readonly isLast?: boolean
}

/** So many of the list, spread over it; the seed says where it begins. */
const sampleOf = <T>(list: readonly T[], count: number, seed: number): T[] => {
  const step = list.length / Math.min(count, list.length)
  return Array.from(
    { length: Math.min(count, list.length) },
    (_value, n) => list[Math.floor(n * step + seed) % list.length] as T,
  )
}

const makeCopy = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'authctl-mutants-'))
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
  for (const folder of ['policies', 'test/policies'])
    cpSync(join(ROOT, folder), join(copy, folder), { recursive: true })
  for (const file of ['package.json', 'tsconfig.json']) cpSync(join(ROOT, file), join(copy, file))
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  // The same draws each time, and a failure is not made smaller: it only has to be one.
  writeFileSync(
    join(copy, 'setup.mjs'),
    'import fc from "fast-check"\nfc.configureGlobal({ seed: 20260101, endOnFailure: true })\n',
  )
  return copy
}

/** Runs the suites on mutants, one at a time; a process that does not come back is replaced. */
class Session {
  readonly #copy = makeCopy()
  #child: ChildProcess | undefined

  #start(): ChildProcess {
    return fork(join(import.meta.dirname, 'mutation-session.ts'), [this.#copy], {
      stdio: 'ignore',
      env: { ...process.env, PROVER_PAIRS: '500', POLICY_RUNS: '500' },
    })
  }

  /** The test that noticed it; null: none did. */
  async noticedBy(mutant: Mutant): Promise<string | null> {
    const child = (this.#child ??= this.#start())
    child.send(mutant)
    const [{ noticed, isLast = false }] = (await once(child, 'message')) as [Noticed]
    if (isLast) {
      this.#child = undefined
      cpSync(join(ROOT, 'policies', mutant.file), join(this.#copy, 'policies', mutant.file))
    }
    return noticed
  }

  close(): void {
    this.#child?.disconnect()
  }
}

const isNamed = ({ file, was, is }: Mutant, named: Pick<Mutant, 'file' | 'was' | 'is'>): boolean =>
  named.file === file && named.was === was.trim() && named.is === is.trim()

const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '60' },
    seed: { type: 'string', default: '0' },
    all: { type: 'boolean', default: false },
    file: { type: 'string' },
    again: { type: 'string' },
    sessions: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
})

const every = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, 'policies', room)).flatMap((file) =>
    mutantsOf(room, file, readFileSync(join(ROOT, 'policies', room, file), 'utf8')),
  ),
)
const gone = EQUIVALENT.filter((each) => !every.some((mutant) => isNamed(mutant, each)))
if (gone.length > 0)
  throw new Error(
    `named, and not there any more: ${gone.map(({ file, was }) => `${file}: ${was}`).join('\n')}`,
  )
const all = every.filter(
  ({ file, line }) =>
    values.file === undefined || values.file.split(',').some((each) => `${file}:${line}`.startsWith(each)),
)

const textOf = ({ was, is }: Mutant): string => `\n  - ${was.trim()}\n  + ${is.trim()}`
/** What an earlier run has written, if only its survivors are asked about again. */
const earlier = values.again === undefined ? undefined : readFileSync(values.again, 'utf8')
const isAgain = (mutant: Mutant): boolean =>
  earlier === undefined ||
  earlier
    .split(/^(?=survives|noticed)/m)
    .some(
      (each) =>
        each.startsWith(`survives: ${mutant.file}:`) &&
        `\n${each.split('\n').slice(1, 3).join('\n')}` === textOf(mutant),
    )

const sessions = Array.from({ length: Number(values.sessions) }, () => new Session())
const suites = all.map((mutant) => suitesOf(mutant).join(' '))
const unchanged = all.filter((_mutant, n) => suites.indexOf(suites[n] ?? '') === n)
for (const mutant of unchanged) {
  const noticed = await sessions[0]?.noticedBy({ ...mutant, is: mutant.was })
  if (noticed !== null) throw new Error(`the suites of ${mutant.file} fail as it is: ${noticed}`)
}

const asked = all.filter(isAgain)
const chosen =
  values.all || values.again !== undefined
    ? asked
    : sampleOf(asked, Number(values.sample), Number(values.seed))
const open = chosen.filter((mutant) => !EQUIVALENT.some((each) => isNamed(mutant, each)))
console.log(
  `${open.length} mutants of ${all.length}, and ${chosen.length - open.length} that are known to change nothing`,
)
const survivors: Mutant[] = []
const queue = open.values()
await Promise.all(
  sessions.map(async (session) => {
    for (const mutant of queue) {
      const noticed = await session.noticedBy(mutant)
      const text = `${mutant.file}:${mutant.line}${textOf(mutant)}`
      if (noticed === null) survivors.push(mutant)
      if (noticed === null) console.log(`survives: ${text}`)
      else if (values.verbose) console.log(`noticed by ${noticed}: ${text}`)
    }
    session.close()
  }),
)
console.log(`${open.length - survivors.length} noticed, ${survivors.length} survive`)
process.exitCode = survivors.length === 0 ? 0 : 1
