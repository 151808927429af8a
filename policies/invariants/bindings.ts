import { symbolsOf, type Symbols } from '../engine/covers.ts'
import type { Constraint, Test } from '../ceiling/constraints.ts'
import type { Matched, Placed } from '../ceiling/placed.ts'

/**
 * What stands for accounts that are not known one by one, so that several layers can be compared: `principal`
 * is somebody else in each of them.
 */
export interface Binding {
  /** What the owner of the layer is called: `caller`, if it is the account that asks. */
  readonly owner: string
  /** What is known of ids and paths that are open, by `owner.id` and `owner.path`. */
  readonly values: ReadonlyMap<string, Symbols>
}

const VARIABLE = /^\$\{(principal|caller)\.([^,]+), '([^]*)'\}$/
const IS_ALWAYS_THERE = /^(?:id|role|path)$/

/** A variable of an account that is open, by the name of that account. */
export const openSymbol = (owner: string, name: string, fallback = ''): string =>
  `\${${owner}.${name}, '${IS_ALWAYS_THERE.test(name) ? '' : fallback}'}`

/** What is called what of any account below another, or at the top of the tree. */
export const anyBelow = (path: string | null): Binding => {
  const id = [openSymbol('caller', 'id')]
  const above = path === null ? [] : symbolsOf([`${path}/`])
  const values = new Map([
    ['caller.id', id],
    ['caller.path', [...above, ...id]],
  ])
  return { owner: 'caller', values }
}

/** Nothing is left open about an account of which all is known. */
export const KNOWN: Binding = { owner: 'caller', values: new Map() }

const bindSymbol = (symbol: Symbols[number], { owner, values }: Binding): Symbols => {
  const [, prefix, name = '', fallback] = (typeof symbol === 'string' ? VARIABLE.exec(symbol) : null) ?? []
  if (prefix === undefined) return [symbol]
  const whose = prefix === 'principal' ? owner : 'caller'
  return values.get(`${whose}.${name}`) ?? [openSymbol(whose, name, fallback)]
}

const bindPattern = (pattern: Symbols, binding: Binding): Symbols =>
  pattern.flatMap((symbol) => bindSymbol(symbol, binding))

const bindMatched = (matched: Matched, binding: Binding): Matched => ({
  ...matched,
  patterns: matched.patterns.map((pattern) => bindPattern(pattern, binding)),
})

/** If the value of a key is known, it is a part of the name. */
const OPEN_KEY = /^principal\.\S+$/

/** A test that is known by its words speaks of its own principal too. */
const bindTest = (test: Test, binding: Binding): Test => {
  switch (test.kind) {
    case 'text':
      return { ...test, patterns: test.patterns.map((pattern) => bindPattern(pattern, binding)) }
    case 'opaque':
      return test.id.includes('principal.') ? { ...test, id: `${binding.owner} ${test.id}` } : test
    case 'span':
      return test
  }
}

const bindConstraint = (constraint: Constraint, binding: Binding): Constraint => {
  const { key, test } = constraint
  const bound = OPEN_KEY.test(key) ? key.replace('principal', binding.owner) : key
  return { ...constraint, key: bound, test: bindTest(test, binding) }
}

/** A statement with the names of the accounts of a proof in place of `principal` and `caller`. */
export const bind = (placed: Placed, binding: Binding): Placed => ({
  ...placed,
  resources: bindMatched(placed.resources, binding),
  constraints: placed.constraints.map((constraint) => bindConstraint(constraint, binding)),
})
