import type {
  AccessChange,
  AccessDiff,
  Cause,
  ElementChange,
  ObjectChange,
  Plan,
  StatementChange,
} from '../../../policies/plan/index.ts'
import type { Attachment, Invariant, PolicyDocument, Service } from '../../../policies/index.ts'
import { cell } from '../../output/table.ts'
import { invariantWords, rightWords } from './rights.ts'
import { contextWords, count } from './words.ts'

/** A line of a plan: what it is by a sign, so that no colour is needed, and how deep it stands. */
export interface Line {
  /** Comes, goes, changes, stands in the way, or says more of the line above. */
  readonly sign: '+' | '-' | '~' | '!' | ' '
  readonly depth: number
  readonly text: string
}

/** How many causes are told of who gains and loses: with what is said of each they fit into forty lines. */
const MAX_CAUSES = 12
const MAX_ACTIONS = 6
const MAX_SAMPLE = 3

const SIGNS = { create: '+', delete: '-', update: '~' } as const
const VERBS = { create: 'comes', delete: 'goes', update: 'changes' } as const

const line = (sign: Line['sign'], depth: number, text: string): Line => ({ sign, depth, text })

/** A statement as people find it again. */
const statementName = ({ policy, sid, index, effect, source }: Cause): string =>
  `${effect} of ${policy}, ${sid ?? `statement ${index}`}${source === null ? '' : ` (${source})`}`

const someOf = (values: readonly string[], most: number): string =>
  values.length <= most
    ? values.join(', ')
    : `${values.slice(0, most).join(', ')} and ${count(values.length - most, 'other')}`

const accountsOf = (accounts: number, sample: readonly string[]): string =>
  accounts <= MAX_SAMPLE && sample.length === accounts ? sample.join(', ') : count(accounts, 'account')

/** Changes of several actions by one cause, which are told in one breath. */
const groupsOf = (changes: readonly AccessChange[]): AccessChange[][] => {
  const groups = new Map<string, AccessChange[]>()
  for (const change of changes) {
    const { verb, resource, cause, accounts, sample } = change
    const key = JSON.stringify([verb, resource, cause, accounts, sample])
    groups.set(key, [...(groups.get(key) ?? []), change])
  }
  return [...groups.values()]
}

const groupLines = (group: readonly AccessChange[]): Line[] => {
  const [first] = group
  if (first === undefined) return []
  const { verb, resource, cause, accounts, sample, witness } = first
  const actions = someOf(
    group.map(({ action }) => action),
    MAX_ACTIONS,
  )
  const by = cause === null ? 'a layer above that comes or goes' : statementName(cause)
  const said = contextWords(witness.context)
  const example = `${witness.principal}: ${witness.action} on ${witness.resource}${said === '' ? '' : ` with ${said}`}`
  return [
    line(verb === 'gain' ? '+' : '-', 1, `${actions} on ${resource}: ${accountsOf(accounts, sample)}`),
    line(' ', 2, `by ${by}`),
    line(' ', 2, `as ${example}: ${witness.before}, then ${witness.after}`),
  ]
}

/** Who gains and loses what, by cause. */
export const accessLines = ({ changes, changes_total: total, shut }: AccessDiff): Line[] => {
  const groups = groupsOf(changes)
  const told = groups.slice(0, MAX_CAUSES)
  const untold = total - told.reduce((sum, group) => sum + group.length, 0)
  const closed =
    shut.accounts === 0
      ? []
      : [
          line(
            '!',
            1,
            `${count(shut.accounts, 'account')} can do nothing any more: ${someOf(shut.sample, MAX_SAMPLE)}`,
          ),
        ]
  return [
    ...closed,
    ...told.flatMap(groupLines),
    ...(untold > 0
      ? [line(' ', 1, `and ${count(untold, 'change')} more; all that are listed with -o json`)]
      : []),
  ]
}

const valuesOf = ({ element, added, removed, kept }: ElementChange): string =>
  `${element}: ${[...removed.map((each) => `-${each}`), ...added.map((each) => `+${each}`), ...kept].join(', ')}`

const statementLines = ({ verb, sid, index, before, after, elements }: StatementChange): Line[] => {
  const right = after ?? before
  const name = sid ?? `statement ${index}`
  const renamed =
    verb === 'update' && elements.length === 0 ? `, called ${before?.Sid ?? 'nothing'} before` : ''
  return [
    line(SIGNS[verb], 2, `${name}: ${right === null ? '' : rightWords(right)}${renamed}`),
    ...elements.map((each) => line(' ', 3, valuesOf(each))),
  ]
}

const attachmentWords = ({ policies, boundary }: Attachment): string =>
  [cell(policies), boundary === undefined ? '' : `within ${boundary}`]
    .filter((text) => text !== '')
    .join(', ')

/** What is declared, by name, so that two states can be compared. */
const declared = (service: Service | null): Map<string, string> =>
  new Map(
    Object.entries({
      ...service?.actions,
      ...service?.resource_types,
      ...service?.context_keys,
    }).map(([name, each]) => [name, JSON.stringify(each)]),
  )

const serviceLines = (before: Service | null, after: Service | null): Line[] => {
  const [old, fresh] = [declared(before), declared(after)]
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((name) => {
    if (old.get(name) === fresh.get(name)) return []
    const verb = old.has(name) ? (fresh.has(name) ? 'update' : 'delete') : 'create'
    const text = verb === 'update' ? `${name}: ${old.get(name) ?? ''} becomes ${fresh.get(name) ?? ''}` : name
    return [line(SIGNS[verb], 2, text)]
  })
}

const attachmentLines = (before: Attachment | null, after: Attachment | null): Line[] => {
  const [old, fresh] = [before, after].map((each) => (each === null ? undefined : attachmentWords(each)))
  if (old === fresh) return []
  return [
    ...(old === undefined ? [] : [line('-', 2, old)]),
    ...(fresh === undefined ? [] : [line('+', 2, fresh)]),
  ]
}

const invariantLines = (before: Invariant | null, after: Invariant | null): Line[] => {
  const [old, fresh] = [before, after].map((each) => (each === null ? [] : invariantWords(each)))
  return [
    ...(old ?? []).filter((text) => fresh?.includes(text) !== true).map((text) => line('-', 2, text)),
    ...(fresh ?? []).filter((text) => old?.includes(text) !== true).map((text) => line('+', 2, text)),
  ]
}

const insideOf = (change: ObjectChange): Line[] => {
  const { kind, before, after, statements } = change
  switch (kind) {
    case 'document': {
      const [old, fresh] = [before as PolicyDocument | null, after as PolicyDocument | null]
      const isRetold = change.verb === 'update' && old?.Description !== fresh?.Description
      return [
        ...(isRetold ? [line('~', 2, `Description: ${fresh?.Description ?? 'none'}`)] : []),
        ...statements.flatMap(statementLines),
      ]
    }
    case 'service':
      return serviceLines(before as Service | null, after as Service | null)
    case 'attachment':
      return attachmentLines(before as Attachment | null, after as Attachment | null)
    case 'invariant':
      return invariantLines(before as Invariant | null, after as Invariant | null)
  }
}

/** The head of an object that comes, goes or changes. */
export const headOf = ({ kind, name, verb, owner, adopts, source }: ObjectChange): Line => {
  const taken = owner === null ? 'is taken over: it was made by hand' : `is taken over from the set ${owner}`
  const what = adopts ? taken : VERBS[verb]
  return line(SIGNS[verb], 1, `${kind} ${name} ${what}${source === null ? '' : ` (${source})`}`)
}

/** The objects that come, go and change, each with what is inside. */
export const objectLines = (changes: readonly ObjectChange[]): Line[] =>
  changes.flatMap((change) => [headOf(change), ...insideOf(change)])

/** What keeps the plan from being applied, and what stays though no file has it. */
export const obstacleLines = ({ conflicts, refusals, warnings, spared }: Plan): Line[] => [
  ...conflicts.map(({ kind, name, owner }) =>
    line(
      '!',
      1,
      `${kind} ${name} ${owner === null ? 'was made by hand' : `is of the set ${owner}`}: take it over with --adopt '${kind}/${name}', or name yours otherwise`,
    ),
  ),
  ...refusals
    .filter(({ code }) => code !== 'policy_conflict')
    .flatMap(({ code, detail, errors }) => [
      line('!', 1, `${code}: ${detail}`),
      ...errors
        .filter((each) => !detail.includes(each.detail))
        .map((each) => line(' ', 2, `${each.pointer} ${each.detail}`.trim())),
    ]),
  ...warnings.map(({ code, message, file, line: row, column }) =>
    line('!', 1, `${code} ${message} (${file}:${row}:${column})`),
  ),
  ...spared.map(({ kind, name, in_use: isUsed }) =>
    line(
      isUsed ? '!' : ' ',
      1,
      isUsed
        ? `${kind} ${name} stays though no file has it: something was allowed by it in the last seven days; --prune-used deletes it`
        : `${kind} ${name} stays though no file has it; --prune deletes it`,
    ),
  ),
]
