import { finish, type Steps } from '../steps.ts'
import { listDifferences, type Difference } from './differences.ts'
import { createKinds } from './alike.ts'
import type {
  AccessChange,
  AccessComparison,
  AccessCount,
  AccessDiff,
  CreateAccessComparison,
  ExaminedAccount,
} from './types.ts'

/** How many changes a diff lists; the others are counted. */
const MAX_CHANGES = 200
const SAMPLE = 5

/** Accounts that gain and lose the same by the same causes. */
interface Kind {
  readonly differences: readonly Difference[]
  readonly isShut: boolean
  count: number
  /** The first of them by id. */
  readonly sample: string[]
}

const addToSample = (sample: string[], id: string): void => {
  const last = sample[SAMPLE - 1]
  if (last !== undefined && last <= id) return
  sample.push(id)
  sample.sort()
  if (sample.length > SAMPLE) sample.pop()
}

/** Whether the layers of both states are the very same: then nothing can differ. */
const isUntouched = ({ before, after, catalogues }: ExaminedAccount): boolean =>
  catalogues.before === catalogues.after &&
  before.length === after.length &&
  before.every(({ kind, layer }, i) => after[i]?.kind === kind && after[i].layer === layer)

function* countOf(kinds: Iterable<Kind>, verb: Difference['verb']): Steps<AccessCount> {
  const rights = new Set<string>()
  let accounts = 0
  for (const { differences, count } of kinds) {
    yield
    const own = differences.filter((each) => each.verb === verb)
    for (const { action, resource } of own) rights.add(`${action} ${resource}`)
    if (own.length > 0) accounts += count
  }
  return { rights: rights.size, accounts }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What is gained and lost by the same cause as one change, for all kinds. */
function* collapse(kinds: Iterable<Kind>): Steps<AccessChange[]> {
  const found = new Map<string, { difference: Difference; accounts: number; sample: string[] }>()
  for (const { differences, count, sample } of kinds) {
    yield
    for (const difference of differences) {
      const same = found.get(difference.id)
      const entry = same ?? { difference, accounts: 0, sample: [] }
      if (same === undefined) found.set(difference.id, entry)
      entry.accounts += count
      for (const id of sample) addToSample(entry.sample, id)
    }
  }
  return [...found.entries()]
    .toSorted(([a, one], [b, other]) => other.accounts - one.accounts || byText(a, b))
    .map(
      ([
        ,
        {
          difference: { verb, action, resource, cause, witness },
          accounts,
          sample,
        },
      ]) => ({
        verb,
        action,
        resource,
        cause,
        accounts,
        sample,
        witness,
      }),
    )
}

function* resultOf(all: readonly Kind[], examined: number): Steps<AccessDiff> {
  const kinds = all.filter(({ differences }) => differences.length > 0)
  const changes = yield* collapse(kinds)
  const shut = kinds.filter(({ isShut }) => isShut)
  const sample: string[] = []
  for (const kind of shut) for (const id of kind.sample) addToSample(sample, id)
  return {
    gained: yield* countOf(kinds, 'gain'),
    lost: yield* countOf(kinds, 'lose'),
    changes: changes.slice(0, MAX_CHANGES),
    changes_total: changes.length,
    shut: { accounts: shut.reduce((sum, { count }) => sum + count, 0), sample },
    examined,
  }
}

/**
 * Begins a comparison: who gains and loses what between two states. Accounts that are alike to all policies
 * are asked once, by questions that tell all patterns and conditions of their layers apart, so that a hundred
 * thousand of one role take as long as reading them. Each question is decided by the engine in both states.
 * An account with very many patterns is asked a bounded number of questions. `steps` and `resultSteps` do
 * what `add` and `result` do, and stop every few decisions so that others may be served.
 */
export const createAccessComparison: CreateAccessComparison = (): AccessComparison => {
  const kindOf = createKinds()
  const kinds = new Map<string, Kind>()
  let examined = 0
  function* steps(account: ExaminedAccount): Steps<void> {
    examined += 1
    if (isUntouched(account)) return
    const key = kindOf(account)
    let kind = kinds.get(key)
    if (kind === undefined) {
      const found = yield* listDifferences(account)
      kind = { ...found, count: 0, sample: [] }
      kinds.set(key, kind)
    }
    kind.count += 1
    addToSample(kind.sample, account.id)
  }
  const resultSteps = (): Steps<AccessDiff> => resultOf([...kinds.values()], examined)
  return {
    add: (account) => finish(steps(account)),
    steps,
    result: () => finish(resultSteps()),
    resultSteps,
  }
}
