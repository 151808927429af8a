/** A change that no decision depends on, and why. */
interface EquivalentMutant {
  /** Below `policies/`. */
  readonly file: string
  /** The line as it is and as it would be, without its indentation. */
  readonly was: string
  readonly is: string
  readonly why: string
}

/** Mutants that `npm run mutate:policies` need not run. */
export const EQUIVALENT: readonly EquivalentMutant[] = [
  {
    file: 'ceiling/regions.ts',
    was: 'return narrow.patterns.every((pattern) =>',
    is: 'return narrow.patterns.some((pattern) =>',
    why: 'a region has one pattern in each list that is no complement',
  },
  {
    file: 'ceiling/ceiling.ts',
    was: '.filter(({ conditions }) => conditions.length > 0)',
    is: '.filter(({ conditions }) => conditions.length >= 0)',
    why: 'a statement without conditions has no key that a context would need',
  },
  {
    file: 'ceiling/constraints.ts',
    was: "export const ANY_VALUE: Test = { kind: 'text', fold: false, negated: true, patterns: [] }",
    is: "export const ANY_VALUE: Test = { kind: 'text', fold: true, negated: true, patterns: [] }",
    why: 'it has no pattern whose case could count',
  },
  {
    file: 'ceiling/constraints.ts',
    was: "export const NO_VALUE: TextTest = { kind: 'text', fold: false, negated: false, patterns: [] }",
    is: "export const NO_VALUE: TextTest = { kind: 'text', fold: true, negated: false, patterns: [] }",
    why: 'it has no pattern whose case could count',
  },
  {
    file: 'engine/condition.ts',
    was: 'if (limit === undefined) return never',
    is: '',
    why: 'no number is equal to undefined, less or more',
  },
  {
    file: 'engine/condition.ts',
    was: 'if (value === undefined) return false',
    is: '',
    why: 'undefined is equal to no number, less or more',
  },
  {
    file: 'engine/layer.ts',
    was: 'isConditional: statement.conditions.length > 0,',
    is: 'isConditional: statement.conditions.length >= 0,',
    why: 'a statement without conditions is asked for them, and has none that fails',
  },
  {
    file: 'engine/layer.ts',
    was: 'if (statements.length === 0) return undefined',
    is: '',
    why: 'an index of no statements finds nothing, as none does',
  },
  {
    file: 'ceiling/globs.ts',
    was: 'if (places.length === 0 || steps > MAX_STEPS) return false',
    is: 'if (places.length === 0 || steps >= MAX_STEPS) return false',
    why: 'the limit of five thousand steps is one of time: the last of them decides nothing',
  },
  {
    file: 'engine/layer.ts',
    was: 'if (exact.size > 0) {',
    is: 'if (exact.size >= 0) {',
    why: 'in an empty map nothing is found',
  },
  {
    file: 'engine/layer.ts',
    was: 'if (others.length > 0) {',
    is: 'if (others.length >= 0) {',
    why: 'in an empty list nothing is found',
  },
  {
    file: 'engine/match.ts',
    was: 'const last = glob.length === 0 ? ANY_RUN : (glob[glob.length - 1] as number)',
    is: 'const last = glob.length !== 0 ? ANY_RUN : (glob[glob.length - 1] as number)',
    why: 'it only spares a walk: what ends in another character does not match in the end',
  },
  {
    file: 'ceiling/spans.ts',
    was: 'for (const span of spans.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {',
    is: 'for (const span of spans.toSorted((a, b) => (a.from <= b.from ? -1 : 1))) {',
    why: 'of two that begin together the longer one counts, whichever comes first',
  },
  {
    file: 'ceiling/spans.ts',
    was: 'else if (span.to > last.to) all[all.length - 1] = { from: last.from, to: span.to }',
    is: 'else if (span.to >= last.to) all[all.length - 1] = { from: last.from, to: span.to }',
    why: 'the same end is put in the place of itself',
  },
  {
    file: 'ceiling/spans.ts',
    was: 'return from <= LAST ? [...rest, { from, to: LAST }] : rest',
    is: 'return from < LAST ? [...rest, { from, to: LAST }] : rest',
    why: 'no value lies where all runs end',
  },
  {
    file: 'ceiling/spans.ts',
    was: 'const from = a.from > b.from ? a.from : b.from',
    is: 'const from = a.from >= b.from ? a.from : b.from',
    why: 'both are the same then',
  },
  {
    file: 'ceiling/spans.ts',
    was: 'const to = a.to < b.to ? a.to : b.to',
    is: 'const to = a.to <= b.to ? a.to : b.to',
    why: 'both are the same then',
  },
  {
    file: 'engine/template.ts',
    was: 'if (i === template.length - 1 && part.length === 1 && part[0] === ANY_RUN) return true',
    is: 'if (i === template.length + 1 && part.length === 1 && part[0] === ANY_RUN) return true',
    why: 'it only spares a walk: a star matches the rest',
  },
  {
    file: 'engine/attribute-values.ts',
    was: 'if (!isAttribute(key) && operands.length === 0) return condition',
    is: '',
    why: 'where no attribute stands every value counts as read, and the condition decides as it is',
  },
  {
    file: 'engine/condition-index.ts',
    was: "if (operator === undefined || quantifier !== 'one' || ifExists === true || operator.negated)",
    is: "if (operator !== undefined || quantifier !== 'one' || ifExists === true || operator.negated)",
    why: 'statements that need nothing known are asked one by one',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'if (expected.length > MOST_PLACES) return undefined',
    is: 'if (expected.length >= MOST_PLACES) return undefined',
    why: 'it only says which statements are asked one by one',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'if (expected.length > MOST_PLACES) return undefined',
    is: '',
    why: 'it only says which statements are asked one by one',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'const [from, to] = [a.from > b.from ? a.from : b.from, a.to < b.to ? a.to : b.to]',
    is: 'const [from, to] = [a.from >= b.from ? a.from : b.from, a.to < b.to ? a.to : b.to]',
    why: 'both are the same then',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'const [from, to] = [a.from > b.from ? a.from : b.from, a.to < b.to ? a.to : b.to]',
    is: 'const [from, to] = [a.from > b.from ? a.from : b.from, a.to <= b.to ? a.to : b.to]',
    why: 'both are the same then',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'if (text !== undefined) return { need: text, isAll: conditions.length === 1 }',
    is: '',
    why: 'the statement is found by a span, or asked as it is',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'const inOrder = (a: Bounded, b: Bounded): number => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0)',
    is: 'const inOrder = (a: Bounded, b: Bounded): number => (a.from <= b.from ? -1 : a.from > b.from ? 1 : 0)',
    why: 'those that begin together may stand in any order',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'const inOrder = (a: Bounded, b: Bounded): number => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0)',
    is: 'const inOrder = (a: Bounded, b: Bounded): number => (a.from < b.from ? -1 : a.from >= b.from ? 1 : 0)',
    why: 'those that begin together may stand in any order',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'this.#furthest = this.#bounded.map(({ to }) => (last = to > last ? to : last))',
    is: 'this.#furthest = this.#bounded.map(({ to }) => (last = to >= last ? to : last))',
    why: 'both are the same then',
  },
  {
    file: 'engine/condition-index.ts',
    was: "const isBig = ({ from, to }: Span): boolean => typeof from === 'bigint' || typeof to === 'bigint'",
    is: "const isBig = ({ from, to }: Span): boolean => typeof from === 'bigint' || typeof to !== 'bigint'",
    why: 'in one list numbers and bigints compare with one another as well',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'if (need === undefined) continue',
    is: 'if (need === undefined) break',
    why: 'no group is empty',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'if (this.#unconditional !== undefined) return this.#unconditional',
    is: '',
    why: 'a statement without conditions is found among the others',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'if (this.statements.length === 1) return undefined',
    is: '',
    why: 'the only one was asked already',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'if (this.statements.length <= FEW) return firstHolding(this.statements, view)',
    is: 'if (this.statements.length < FEW) return firstHolding(this.statements, view)',
    why: 'it only says which way they are asked',
  },
  {
    file: 'engine/condition-index.ts',
    was: 'if (this.statements.length <= FEW) return firstHolding(this.statements, view)',
    is: '',
    why: 'it only says which way they are asked',
  },
  {
    file: 'engine/decide.ts',
    was: 'if (known !== -1) return this.#values[known]',
    is: '',
    why: 'what is remembered is what would be looked up',
  },
  {
    file: 'engine/decide.ts',
    was: 'if (keys.length < REMEMBERED) this.#values[keys.push(key) - 1] = value',
    is: 'if (keys.length <= REMEMBERED) this.#values[keys.push(key) - 1] = value',
    why: 'one value more is remembered',
  },
  {
    file: 'engine/layer.ts',
    was: 'if (known !== undefined) return known',
    is: '',
    why: 'what is kept is what would be made again',
  },
  {
    file: 'engine/layer.ts',
    was: 'if (foldedActions.size >= MAX_INDEXED_ACTIONS) foldedActions.clear()',
    is: 'if (foldedActions.size > MAX_INDEXED_ACTIONS) foldedActions.clear()',
    why: 'it only bounds the memory of names in lower case',
  },
  {
    file: 'engine/layer.ts',
    was: 'if (foldedActions.size >= MAX_INDEXED_ACTIONS) foldedActions.clear()',
    is: '',
    why: 'it only bounds the memory of names in lower case',
  },
  {
    file: 'engine/lines.ts',
    was: 'for (let i = 0; i < texts.length; i++) if (texts[i] === text) return values[i] as T',
    is: 'for (let i = 0; i <= texts.length; i++) if (texts[i] === text) return values[i] as T',
    why: 'no text is undefined',
  },
  {
    file: 'engine/lines.ts',
    was: 'next = (next + 1) % REMEMBERED',
    is: 'next = (next - 1) % REMEMBERED',
    why: 'less is remembered, and read again',
  },
  {
    file: 'engine/lines.ts',
    was: "family === 'number' || family === 'date' || family === 'ip'",
    is: "family === 'number' && family === 'date' || family === 'ip'",
    why: 'what has no line is asked as it is',
  },
  {
    file: 'engine/lines.ts',
    was: "family === 'number' || family === 'date' || family === 'ip'",
    is: "family === 'number' || family === 'date' && family === 'ip'",
    why: 'what has no line is asked as it is',
  },
  {
    file: 'engine/networks.ts',
    was: 'a.from === b.from ? (a.to > b.to ? -1 : 1) : a.from < b.from ? -1 : 1,',
    is: 'a.from === b.from ? (a.to > b.to ? -1 : 1) : a.from <= b.from ? -1 : 1,',
    why: 'they are not the same there',
  },
  {
    file: 'engine/networks.ts',
    was: 'a.from === b.from ? (a.to > b.to ? -1 : 1) : a.from < b.from ? -1 : 1,',
    is: 'a.from === b.from ? (a.to >= b.to ? -1 : 1) : a.from < b.from ? -1 : 1,',
    why: 'of two that are the same either may come first',
  },
  {
    file: 'engine/networks.ts',
    was: 'if (last === undefined || range.from > last.to) kept.push(range)',
    is: 'if (last === undefined || range.from >= last.to) kept.push(range)',
    why: 'a network that is kept within another changes nothing',
  },
]
