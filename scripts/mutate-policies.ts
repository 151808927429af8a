import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { EQUIVALENT } from './equivalent-mutants.ts'

/*
 * Changes one word of the engine or the ceiling at a time, in a copy, and runs the suites of policies/ on it.
 * A change that no test notices is a survivor: either a test is missing, or nothing depends on the word, and
 * then it is named in equivalent-mutants.ts. `npm run mutate:policies -- --sample 100 --seed 2`, `--all`,
 * `--file ceiling/within.ts`; a survivor that is not named there makes it exit 1.
 */

const ROOT = resolve(import.meta.dirname, '..')
const ROOMS = ['ceiling', 'engine'] as const
const SUITES = {
  ceiling: ['within', 'ceiling', 'proofs', 'prover'],
  engine: ['vectors', 'matching', 'values', 'decisions', 'explain', 'within', 'ceiling', 'proofs'],
} as const

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ < /g, ' <= '],
  [/ > /g, ' >= '],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/\.some\(/g, '.every('],
  [/\.every\(/g, '.some('],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/(?<=[ (])!(?=[a-zA-Z])/g, ''],
  [/ \+ 1\b/g, ' - 1'],
  [/ - 1\b/g, ' + 1'],
]
/** Comments, imports and types: nothing runs there. */
const SAYS_NOTHING =
  /^\s*(?:\*|\/\*|\/\/|import\b|export type\b|type\b|readonly\b|\} from\b)|^\s*[\w']+\??: [^=]*\|/

interface Mutant {
  readonly room: (typeof ROOMS)[number]
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly was: string
  readonly is: string
}

const mutantsOf = (room: Mutant['room'], file: string, text: string): Mutant[] =>
  text.split('\n').flatMap((was, n) =>
    SAYS_NOTHING.test(was)
      ? []
      : WORDS.flatMap(([word, other]) =>
          [...was.matchAll(word)].map(({ index, 0: found }): Mutant => ({
            room,
            file: `${room}/${file}`,
            line: n + 1,
            was,
            is: was.slice(0, index) + other + was.slice(index + found.length),
          })),
        ),
  )

/** So many of the list, spread over it; the seed says where it begins. */
const sampleOf = <T>(list: readonly T[], count: number, seed: number): T[] => {
  const step = list.length / Math.min(count, list.length)
  return Array.from(
    { length: Math.min(count, list.length) },
    (_value, n) => list[Math.floor(n * step + seed) % list.length] as T,
  )
}

const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '60' },
    seed: { type: 'string', default: '0' },
    all: { type: 'boolean', default: false },
    file: { type: 'string' },
  },
})

const copy = mkdtempSync(join(tmpdir(), 'authctl-mutants-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const folder of ['policies', 'test/policies'])
  cpSync(join(ROOT, folder), join(copy, folder), { recursive: true })
for (const file of ['package.json', 'tsconfig.json']) cpSync(join(ROOT, file), join(copy, file))
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
writeFileSync(
  join(copy, 'vitest.config.mjs'),
  'export default { test: { include: ["test/policies/*.test.ts"], testTimeout: 60000, maxWorkers: 1 } }\n',
)

/** Whether a suite of the room fails; one that never ends fails too. */
const isNoticed = (room: Mutant['room']): boolean => {
  const suites = SUITES[room].map((name) => `test/policies/${name}.test.ts`)
  const run = spawnSync(
    join(ROOT, 'node_modules/.bin/vitest'),
    ['run', '--bail=1', '--isolate=false', ...suites],
    {
      cwd: copy,
      stdio: 'ignore',
      timeout: 120_000,
      env: { ...process.env, PROVER_PAIRS: '1500', POLICY_RUNS: '1500' },
    },
  )
  return run.status !== 0
}

const isNamed = ({ file, was, is }: Mutant): boolean =>
  EQUIVALENT.some((each) => each.file === file && each.was === was.trim() && each.is === is.trim())

const all = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, 'policies', room)).flatMap((file) =>
    mutantsOf(room, file, readFileSync(join(ROOT, 'policies', room, file), 'utf8')),
  ),
).filter(({ file }) => values.file === undefined || file === values.file)

for (const room of ROOMS) if (isNoticed(room)) throw new Error(`the suites of ${room} fail as they are`)

const chosen = (values.all ? all : sampleOf(all, Number(values.sample), Number(values.seed))).filter(
  (mutant) => !isNamed(mutant),
)
console.log(`${chosen.length} of ${all.length} mutants`)
const survivors: Mutant[] = []
for (const mutant of chosen) {
  const path = join(copy, 'policies', mutant.file)
  const text = readFileSync(path, 'utf8')
  const lines = text.split('\n')
  lines[mutant.line - 1] = mutant.is
  writeFileSync(path, lines.join('\n'))
  const noticed = isNoticed(mutant.room)
  writeFileSync(path, text)
  if (noticed) continue
  survivors.push(mutant)
  console.log(`survives: ${mutant.file}:${mutant.line}\n  - ${mutant.was.trim()}\n  + ${mutant.is.trim()}`)
}
console.log(`${chosen.length - survivors.length} noticed, ${survivors.length} survive`)
process.exitCode = survivors.length === 0 ? 0 : 1
