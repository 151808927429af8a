/** The rooms of policies/ that are changed. */
export const ROOMS = ['ceiling', 'engine'] as const

/** One of the rooms. */
export type Room = (typeof ROOMS)[number]

const OF_PROOFS = [
  'proofs',
  'proofs-layers',
  'proofs-changes',
  'readable',
  'operands',
  'prover',
  'within',
] as const
const OF_PATTERNS = ['covers', ...OF_PROOFS]
const OF_CONDITIONS = ['spans', 'constraints', ...OF_PROOFS]
const OF_DECISIONS = [
  'matching',
  'readable',
  'operands',
  'index',
  'vectors',
  'reference',
  'decisions',
] as const
const OF_REASONS = ['explain', 'decisions'] as const
/** The suites that must notice a change of a file, the quickest first. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  'ceiling/ceiling.ts': ['witness', 'ceiling'],
  'ceiling/witness.ts': ['witness', 'ceiling'],
  'ceiling/grant.ts': ['witness', 'covers', 'proofs', 'proofs-layers', 'proofs-changes', 'ceiling'],
  'engine/values.ts': ['values', 'vectors', 'index', 'decisions'],
  'ceiling/globs.ts': OF_PATTERNS,
  'ceiling/spans.ts': OF_CONDITIONS,
  'ceiling/constraints.ts': OF_CONDITIONS,
  'engine/covers.ts': OF_PATTERNS,
  'engine/layer.ts': [...OF_DECISIONS, 'explain'],
  'engine/condition-index.ts': ['condition-index', 'index'],
  'engine/lines.ts': ['condition-index', 'index', 'operands', 'reference'],
  'engine/networks.ts': ['condition-index', 'index', 'operands', 'reference'],
  'engine/local-time.ts': ['local-time', ...OF_DECISIONS],
  'engine/operands.ts': ['operands'],
  'engine/facts.ts': ['held'],
  'engine/held.ts': ['held'],
  'engine/declared.ts': ['question'],
  'engine/question.ts': ['question'],
  'engine/canonical-json.ts': ['values'],
  'engine/compared.ts': ['compared'],
  'engine/context-value.ts': ['readable', 'question'],
  'engine/readable.ts': ['readable', 'operands', 'question'],
  'engine/explain.ts': OF_REASONS,
  'engine/near-misses.ts': OF_REASONS,
  'engine/obstacles.ts': OF_REASONS,
}

/** The suites that must notice a change of a file, by their names. */
export const suitesOf = ({ room, file }: Pick<Mutant, 'room' | 'file'>): readonly string[] =>
  SUITES[file] ?? (room === 'ceiling' ? OF_PROOFS : OF_DECISIONS)

/** One word of one line, changed. */
export interface Mutant {
  readonly room: Room
  /** Below `policies/`. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The line as it is and as it would be; empty: it is left out. */
  readonly was: string
  readonly is: string
}

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
  // One of several lists is dropped.
  [/\.\.\.[\w.]+(?:\([\w.]*\))?, /g, ''],
  [/, \.\.\.[\w.]+(?:\([\w.]*\))?(?=\])/g, ''],
  // What says nothing says something else.
  [/\bcontinue$/g, 'break'],
  // A guard, or a step under a condition, is gone.
  [/^ +(?:\} else )?if \(.*\) (?:return|continue|throw|break|[\w.[\]]+ (?:=|\+=|-=) |[\w.]+\(|yield).*[^{(,[]$/g, ''],
] // prettier-ignore

/** Changes that no word makes, as text of a file: it stands there once. */
const NAMED: readonly (readonly [room: Room, file: string, was: string, is: string])[] = [
  // What bounds the account, and what it is denied, is not looked at; a Deny of another layer neither.
  ['ceiling', 'within.ts', '[own, ...others].flatMap(({ denies })', '[own].flatMap(({ denies })'],
  ['ceiling', 'within.ts', 'bounds: others.map(({ allows }) => allows)', 'bounds: []'],
  ['ceiling', 'within.ts', 'return isAllowed && denies.every', 'return isAllowed || denies.every'],
  ['ceiling', 'within.ts', '&& denies.every((deny) => isHarmless(deny, region, held))', ''],
  ['ceiling', 'within.ts', 'layer.policies.map(({ name, hash }) => [name, hash])', 'layer.policies.map(({ name }) => [name])'],
  ['ceiling', 'within.ts', 'JSON.stringify([kind, principal, layer', 'JSON.stringify([kind, layer'],
  // One of several layers is enough.
  ['ceiling', 'within.ts', 'granter.length > 0 && granter.every(isUnlimited)', 'granter.some(isUnlimited)'],
  ['ceiling', 'ceiling.ts', 'granter.length > 0 && grant.granter.every(isUnlimited)', 'granter.some(isUnlimited)'],
  ['ceiling', 'within.ts', 'forAll(gives, isAllowed)', 'forAll(gives.slice(0, 1), isAllowed)'],
  ['ceiling', 'within.ts', 'forAll(was, isAllowed)', 'forAll(was.slice(0, 1), isAllowed)'],
  // Conditions, their values, or attributes are not looked at.
  ['ceiling', 'regions.ts', 'unmet(region, wide, spend).length === 0', 'true'],
  ['ceiling', 'grant.ts', 'conditions.length === 0 &&', ''],
  ['ceiling', 'placed.ts', 'spansOf(family, operator, texts)', 'spansOf(family, operator, texts.slice(0, 1))'],
  ['ceiling', 'placed.ts', 'const templates = expected.map', 'const templates = expected.slice(0, 1).map'],
  ['ceiling', 'placed.ts', 'const facts = { ...caller, ...principal }', 'const facts = { ...principal }'],
  ['ceiling', 'placed.ts', 'const facts = { ...caller, ...principal }', 'const facts = { ...caller }'],
  ['ceiling', 'placed.ts', '`${key} ${JSON.stringify(factText(reading, key))}`', 'key'],
  ['ceiling', 'within.ts', 'JSON.stringify(caller) === JSON.stringify(callerBefore)', 'true'],
  ['ceiling', 'within.ts', 'readLayer(each, callerBefore)', 'readLayer(each, caller)'],
  // IfExists is taken for a guard, and what may be missing for what is there.
  ['ceiling', 'constraints.ts', 'if (mayBeMissing && !wanted.missing) return false', ''],
  ['ceiling', 'placed.ts', 'const missing = holds(ABSENT)', 'const missing = false'],
  ['engine', 'condition.ts', "quantifier === 'one' && (negated || ifExists)", "quantifier === 'one' && negated"],
  ['engine', 'condition.ts', "quantifier === 'one' && (negated || ifExists)", "quantifier === 'one' && ifExists"],
  ['engine', 'condition.ts', 'if (present === undefined) return whenMissing', ''],
  // The text of a variable becomes a pattern.
  ['engine', 'template.ts', 'literalUnits(piece)', 'globUnits(piece)'],
  ['ceiling', 'placed.ts', 'parts.push(text ?? part)', 'parts.push(text === undefined ? part : globUnits(text))'],
  ['engine', 'decide.ts', "standsAt(key, 'principal.')", 'false'],
] // prettier-ignore

/** Comments, imports and types: nothing runs there. */
const SAYS_NOTHING =
  /^\s*(?:\*|\/\*|\/\/|import\b|export type\b|type\b|readonly\b|\} from\b)|^\s*[\w']+\??: [^=]*\|/

const byWord = (was: string): string[] =>
  SAYS_NOTHING.test(was)
    ? []
    : WORDS.flatMap(([word, other]) =>
        [...was.matchAll(word)].map(
          ({ index, 0: found }) => was.slice(0, index) + other + was.slice(index + found.length),
        ),
      )

/** Every change of a file by a word, and those that are named. A name that stands there no more throws. */
export const mutantsOf = (room: Room, name: string, text: string): Mutant[] => {
  const lines = text.split('\n')
  const file = `${room}/${name}`
  const named = NAMED.filter(([inRoom, inFile]) => inRoom === room && inFile === name).map(
    ([, , was, is]): Mutant => {
      const found = lines.flatMap((line, n) => (line.includes(was) ? [n] : []))
      const [n = -1] = found
      const line = lines[n]
      if (line === undefined || found.length > 1)
        throw new Error(`${file} has ${found.length} lines with ${was}`)
      return { room, file, line: n + 1, was: line, is: line.replace(was, () => is) }
    },
  )
  const all = lines.flatMap((was, n) =>
    byWord(was).map((is): Mutant => ({ room, file, line: n + 1, was, is })),
  )
  const seen = new Set(all.map(({ line, is }) => `${line} ${is}`))
  return [...all, ...named.filter(({ line, is }) => !seen.has(`${line} ${is}`))]
}
