import {
  comparesAny,
  type Context,
  type OwnedLayer,
  type CompiledStatement,
} from '../../../policies/index.ts'
import type { AccountId } from '../../domain/account.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { RecordedQuestion } from '../../domain/recorded-decision.ts'
import type { Lineage, Principal } from '../../domain/session.ts'
import { maySee } from '../../domain/tree.ts'
import { reason, type Reasoned } from '../access/answer.ts'
import { layersOf } from '../access/authorize.ts'
import { createBreather } from '../breather.ts'
import type { Deps } from '../deps.ts'
import type { Change } from './change.ts'
import { editingOf, type Planning } from './plan.ts'

/** A recorded question, and when it was asked: epoch seconds. */
export interface ReplayedQuestion extends RecordedQuestion {
  readonly at: readonly number[]
}

/** The policies in force, and as they would be with a set. */
export interface PolicyStates {
  readonly before: PolicySnapshot
  readonly after: PolicySnapshot
  readonly base: { readonly id: string | null; readonly number: number }
}

/** A question whose answer would change. */
export interface ReplayChange {
  readonly question: number
  readonly at: number
  readonly before: ReturnType<typeof told>
  readonly after: ReturnType<typeof told>
}

/** What recorded questions would be answered. */
export interface Replayed {
  readonly base: PolicyStates['base']
  readonly examined: number
  readonly unknownAccount: number
  readonly privateValue: number
  readonly changes: readonly ReplayChange[]
}

const READERS = 32

interface Sides {
  readonly layers: readonly OwnedLayer[]
  readonly reasoned: Reasoned
}

const nameOf = ({ kind, principal }: OwnedLayer): string => `${kind} of ${String(principal['principal.id'])}`

const report = ({ policy, index, sid, effect, writtenAt }: CompiledStatement) => ({
  policy: policy.name,
  statement: index,
  sid: sid ?? null,
  effect,
  source: writtenAt ?? null,
})

/** The layer that makes the difference: that of the denial, or the one that allows what was denied there. */
const decisiveLayer = ({ layers, reasoned }: Sides, other: Sides): number => {
  const denied = reasoned.decision?.layer
  if (denied !== undefined) return layers.indexOf(denied)
  const wanted = other.reasoned.decision?.layer
  const same = wanted === undefined ? 0 : layers.findIndex((each) => nameOf(each) === nameOf(wanted))
  return Math.max(0, same)
}

/** A decision as the caller is told of it, beside the one on the other side. */
const told = (side: Sides, other: Sides) => {
  const { answer, decision, allowing } = side.reasoned
  const at = decision === undefined ? -1 : decisiveLayer(side, other)
  const layer = side.layers[at]
  const statement = answer.allowed ? allowing[at] : decision?.statement
  return {
    decision: answer.decision,
    reason: answer.reason,
    layer: layer === undefined ? null : nameOf(layer),
    statement: statement === undefined ? null : report(statement),
  }
}

/** Which keys of the time there are; a question that says one itself is of that time. */
const TIME_KEYS = ['request.time']

/**
 * Asks recorded questions again, by the policies in force and as they would be: of the accounts as they are
 * now, with their place in the tree. Accounts that the caller does not see are left out.
 */
export const createReplay = ({ store }: Pick<Deps, 'store'>) => {
  const lineagesOf = async (
    { account: caller }: Principal,
    ids: ReadonlySet<AccountId>,
  ): Promise<ReadonlyMap<AccountId, Lineage>> => {
    const found = new Map<AccountId, Lineage>()
    const waiting = [...ids]
    const read = async (): Promise<void> => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const account = await store.accounts.get(id)
        if (account === undefined || (account.id !== caller.id && !maySee(caller, account))) continue
        const above = account.parentId === null ? [] : await store.accounts.getLineage(account.path)
        found.set(id, { account, ancestors: above.slice(0, -1) })
      }
    }
    await Promise.all(Array.from({ length: READERS }, read))
    return found
  }

  const askBoth = ({ before, after }: PolicyStates, lineage: Lineage, asked: ReplayedQuestion) => {
    const sides = [before, after].map((snapshot) => ({ snapshot, layers: layersOf(snapshot, lineage) }))
    const compares = (keys: readonly string[]): boolean =>
      sides.some(({ layers }) => comparesAny(layers, asked.action, keys))
    if (asked.hidden.length > 0 && compares(asked.hidden)) return 'private' as const
    const times = compares(TIME_KEYS) ? asked.at : asked.at.slice(0, 1)
    for (const at of times) {
      const own = requestContext(lineage.account, { ip: null, now: at * 1000 })
      const context: Context = { ...own, ...asked.context }
      const [one, other] = sides.map(({ snapshot, layers }): Sides => ({
        layers,
        reasoned: reason(snapshot, lineage, { ...asked, context }),
      })) as [Sides, Sides]
      if (one.reasoned.answer.allowed === other.reasoned.answer.allowed) continue
      return { at, before: told(one, other), after: told(other, one) }
    }
    return undefined
  }

  return async (
    { principal }: Pick<Planning, 'principal'>,
    states: PolicyStates,
    questions: readonly ReplayedQuestion[],
  ): Promise<Replayed> => {
    const lineages = await lineagesOf(principal, new Set(questions.map(({ account }) => account)))
    const breathe = createBreather()
    const changes: ReplayChange[] = []
    let [unknownAccount, privateValue] = [0, 0]
    for (const [index, asked] of questions.entries()) {
      await breathe()
      const lineage = lineages.get(asked.account)
      if (lineage === undefined) {
        unknownAccount += 1
        continue
      }
      const change = askBoth(states, lineage, asked)
      if (change === 'private') privateValue += 1
      else if (change !== undefined) changes.push({ question: index, ...change })
    }
    const examined = questions.length - unknownAccount - privateValue
    return { base: states.base, examined, unknownAccount, privateValue, changes }
  }
}

/**
 * Makes the states of a set: the policies in force, and as they would be with it. A recording comes in many
 * requests with one set, so that those of the last one are kept while the policies in force stay.
 */
export const createPolicyStates = (
  { policies, prepare, vault }: Pick<Deps, 'policies' | 'prepare' | 'vault'>,
  changing: (planning: Planning) => Change<unknown>,
) => {
  let last: { readonly key: string; readonly states: PolicyStates } | undefined
  return async (planning: Planning): Promise<PolicyStates> => {
    await policies.refresh({ atOnce: true })
    const { order, files, home } = planning
    const key = vault.digest(JSON.stringify([order, files, home.name]))
    if (last?.key === key && last.states.before === policies.current()) return last.states
    const { before, base, pending } = await prepare(editingOf(planning), changing(planning))
    const { id, revision } = base
    const states = { before, after: pending?.after ?? before, base: { id, number: revision.number } }
    last = { key, states }
    return states
  }
}
