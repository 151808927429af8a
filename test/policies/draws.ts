import type { AccessRequest, Context, ContextValue } from '../../policies/engine/decide.ts'
import type { ConditionBlock, Scalar, Statement } from '../../policies/language.ts'

/*
 * Statements and requests drawn from the whole language: every operator with and without quantifier and
 * IfExists, complements, variables anywhere, literal wildcards, commas and astral characters. Their words are
 * few, so that what is drawn meets.
 */

/** A source of numbers that a seed decides. */
export interface Dice {
  /** A whole number below n. */
  readonly below: (n: number) => number
  readonly pick: <T>(list: readonly T[]) => T
  /** True once in n times. */
  readonly oneIn: (n: number) => boolean
}

/** Dice that fall the same for the same seed (mulberry32). */
export const diceOf = (seed: number): Dice => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (n: number): number => Math.floor(next() * n)
  return { below, pick: (list) => list[below(list.length)] as never, oneIn: (n) => below(n) === 0 }
}

const ACTIONS = ['orders:Read', 'orders:Write', 'orders:List', 'shop:Read', 'shop:Later']
const ACTION_PATTERNS = [...ACTIONS, '*', 'orders:*', 'orders:?ead', 'ORDERS:w*', 'shop:*', 'orders:*i*']
const WORDS = ['a', 'b', 'ab', 'a,b', 'A', 'aB', '😀', 'a😀', '*', '?', '$', 'x/y', 'b,a', '\u{1f4a9}']
const PIECES = [
  'a', 'b', ',', '😀', '/', '*', '?', '*', '${*}', '${?}', '${$}', 'A',
  '${caller.id}', '${principal.id}', '${caller.team}', "${caller.team, 'a'}", "${caller.team, 'b'}",
  '${resource.owner}', "${resource.owner, 'a'}", "${principal.attributes.t, 'b'}", '${principal.attributes.t}',
] // prettier-ignore
const NUMBERS = ['-1', '0', '1', '2', '2.5', '2.500001', '3', '100']
const DATES = [
  '2026-01-01T00:00:00Z',
  '1767225600',
  '2026-01-01T01:00:00+01:00',
  '2026-06-01T00:00:00.5Z',
  '0',
]
const NETWORKS = [
  '10.0.0.0/8', '10.0.0.0/9', '10.128.0.0/9', '10.1.0.0/16', '10.1.2.3', '192.0.2.0/24', '0.0.0.0/0', '::/0',
  '2001:db8::/32', '2001:db8::1', '::ffff:10.0.0.0/104',
] // prettier-ignore

type Family = 'text' | 'number' | 'date' | 'ip' | 'bool'
/** Keys, with what they are compared as; one is compared as everything. */
const KEYS: readonly (readonly [string, readonly Family[]])[] = [
  ['resource.env', ['text']],
  ['resource.owner', ['text', 'number', 'date', 'ip', 'bool']],
  ['resource.n', ['number']],
  ['resource.flag', ['bool']],
  ['request.time', ['date']],
  ['request.ip', ['ip']],
  ['orders.tags', ['text', 'number']],
  ['caller.team', ['text', 'number']],
  ['caller.id', ['text']],
  ['principal.attributes.t', ['text', 'number', 'date', 'ip', 'bool']],
  ['caller.attributes.t', ['text', 'number', 'bool']],
  ['principal.role', ['text']],
]
const TEXT_OPERATORS = [
  'StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike',
] // prettier-ignore
const ORDERS = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']
const OPERATORS: Readonly<Record<Family, readonly string[]>> = {
  text: TEXT_OPERATORS,
  number: ORDERS.map((order) => `Numeric${order}`),
  date: [...ORDERS.map((order) => `Date${order}`), 'TimeOfDay', 'NotTimeOfDay', 'Weekday', 'NotWeekday'],
  ip: ['IpAddress', 'NotIpAddress'],
  bool: ['Bool'],
}

/** A run of pieces: a pattern, or a text with variables. */
export const drawPattern = (dice: Dice, most = 3): string =>
  Array.from({ length: 1 + dice.below(most) }, () => dice.pick(PIECES)).join('')

/** The first instant of the requests is midnight on a Thursday, in UTC. */
const TIMES = [
  '00:00-12:00 UTC',
  '12:00-24:00 UTC',
  '22:00-04:00 Asia/Kolkata',
  '05:29-05:30 Asia/Kolkata',
  '05:30-05:31 Asia/Kolkata',
]
const WEEKDAYS = ['Thu UTC', 'Wed UTC', 'Mon-Fri Asia/Kolkata', 'Sat-Wed America/St_Johns']

const OPERANDS = [
  '${resource.n}', '${caller.team}', "${caller.team, '2'}", '${principal.attributes.t}', "${principal.attributes.t, '1'}",
  "${resource.owner, '10.1.2.3'}", '${request.time}', '${request.ip}',
] // prettier-ignore

const drawValue = (dice: Dice, family: Family): Scalar => {
  if (family !== 'text' && family !== 'bool' && dice.oneIn(6)) return dice.pick(OPERANDS)
  if (family === 'number') return dice.pick(NUMBERS)
  if (family === 'date') return dice.pick(DATES)
  if (family === 'ip') return dice.pick(NETWORKS)
  if (family === 'bool') return dice.oneIn(2)
  return dice.oneIn(2) ? dice.pick(WORDS).replaceAll('$', '${$}') : drawPattern(dice, 2)
}

const some = <T>(dice: Dice, draw: () => T, most = 3): T[] =>
  Array.from({ length: 1 + dice.below(most) }, draw)

const drawCondition = (dice: Dice): [string, string, Scalar[]] => {
  const [key, families] = dice.pick(KEYS)
  if (dice.oneIn(8)) return ['Null', key, [dice.oneIn(2)]]
  if (dice.oneIn(key === 'orders.tags' ? 3 : 30))
    return [`Size${dice.pick(ORDERS)}`, key, some(dice, () => dice.below(4), 2)]
  const family = dice.pick(families)
  const quantifier = dice.oneIn(key === 'orders.tags' ? 2 : 9)
    ? dice.pick(['ForAllValues:', 'ForAnyValue:'])
    : ''
  const operator = dice.pick(OPERATORS[family])
  const name = `${quantifier}${operator}${dice.oneIn(5) ? 'IfExists' : ''}`
  const local = operator.endsWith('TimeOfDay') ? TIMES : operator.endsWith('Weekday') ? WEEKDAYS : undefined
  const values = some(dice, () => (local === undefined ? drawValue(dice, family) : dice.pick(local)))
  // Sets have no variables where values are compared.
  const isPlain = (value: Scalar): boolean => family === 'text' || !String(value).startsWith('${')
  const plain = quantifier === '' ? values : values.filter(isPlain)
  return plain.length === 0 ? ['Null', key, [true]] : [name, key, plain]
}

/** Up to three conditions. */
export const drawConditions = (dice: Dice, most = 2): ConditionBlock => {
  const block: Record<string, Record<string, Scalar[]>> = {}
  for (let n = dice.below(most + 1); n > 0; n--) {
    const [name, key, values] = drawCondition(dice)
    block[name] = { ...block[name], [key]: values }
  }
  return block
}

const drawResource = (dice: Dice): string =>
  dice.oneIn(5) ? '*' : `${dice.pick(['order/', 'order/', 'cart/'])}${drawPattern(dice)}`

/** Any statement. */
export const drawStatement = (
  dice: Dice,
  Effect: 'Allow' | 'Deny' = dice.oneIn(3) ? 'Deny' : 'Allow',
): Statement => ({
  Effect,
  [dice.oneIn(6) ? 'NotAction' : 'Action']: some(dice, () => dice.pick(ACTION_PATTERNS), 2),
  [dice.oneIn(6) ? 'NotResource' : 'Resource']: some(dice, () => drawResource(dice), 2),
  Condition: drawConditions(dice),
})

const drawText = (dice: Dice): string =>
  dice.oneIn(3) ? dice.pick(WORDS) + dice.pick(WORDS) : dice.pick(WORDS)

const drawContextValue = (dice: Dice, family: Family): ContextValue => {
  if (dice.oneIn(12)) return dice.pick(['5,000', '5e3', ' 2', 'nothing'])
  if (family === 'number') return dice.oneIn(3) ? dice.below(4) : dice.pick([...NUMBERS, '2.50', '2.4'])
  if (family === 'date') return dice.oneIn(2) ? dice.pick(DATES) : 1767225599 + dice.below(3)
  if (family === 'ip')
    return dice.pick([
      '10.1.2.3',
      '10.200.0.1',
      '192.0.2.9',
      '2001:db8::1',
      '::1',
      '::ffff:10.1.2.3',
      '8.8.8.8',
    ])
  return family === 'bool' ? dice.oneIn(2) : drawText(dice)
}

/** What requests say beyond their caller; what the server always says is there. */
export const drawContext = (dice: Dice): Context => {
  const context: Record<string, ContextValue> = {
    'request.time': 1767225599 + dice.below(3) * (dice.oneIn(2) ? 1 : 9_000_000),
  }
  for (const [key, families] of KEYS) {
    if (!/^(?:resource|request\.ip|orders)/.test(key) || dice.oneIn(4)) continue
    const family = dice.pick(families)
    if (key === 'request.ip') context[key] = String(drawContextValue({ ...dice, oneIn: () => false }, 'ip'))
    else if (key === 'orders.tags' ? !dice.oneIn(4) : dice.oneIn(12))
      context[key] = Array.from({ length: dice.below(3) }, () => String(drawContextValue(dice, family)))
    else context[key] = drawContextValue(dice, family)
  }
  return context
}

/** An attribute: of its form a condition knows nothing. */
const drawAttribute = (dice: Dice): Scalar => {
  const value = drawContextValue(dice, dice.pick(['number', 'number', 'text', 'ip', 'date', 'bool']))
  return typeof value === 'object' ? '' : value
}

/** The facts of an account, by the word before the dot. */
export const drawFacts = (dice: Dice, id: string): Readonly<Record<string, ContextValue>> => ({
  id,
  role: dice.pick(['a', 'b']),
  path: id,
  ...(dice.oneIn(3) ? {} : { 'attributes.t': drawAttribute(dice) }),
  ...(dice.oneIn(3) ? {} : { team: dice.oneIn(3) ? dice.below(3) : drawText(dice) }),
})

/** A request near these statements. */
export const drawRequest = (dice: Dice, near: readonly Statement[], facts: Context): AccessRequest => {
  const context = { ...drawContext(dice), ...facts }
  const patterns = near.flatMap(({ Resource = [] }) => Resource)
  const pattern = patterns.length === 0 || dice.oneIn(4) ? drawResource(dice) : dice.pick(patterns)
  const resource = (pattern === '*' ? `order/${drawPattern(dice)}` : pattern)
    .replaceAll(/\$\{([a-z.]+)(?:, '([^']*)')?\}/g, (_all, key: string, fallback = 'a') =>
      String(Object.hasOwn(context, key) ? context[key] : fallback),
    )
    .replaceAll(/\$\{([*?$])\}/g, '$1')
    .replaceAll(/[*?]/g, (wildcard) =>
      dice.oneIn(4)
        ? wildcard
        : wildcard === '*'
          ? dice.pick(['', 'a', 'b/a', drawText(dice)])
          : dice.pick(['a', 'b', ',']),
    )
  return { action: dice.pick(ACTIONS), resource, context }
}
