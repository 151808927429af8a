import {
  decide,
  type CompiledStatement,
  type Context,
  type OwnedLayer,
  type Verdict,
} from '../../../policies/index.ts'
import type { ShadowDifference, ShadowReport } from '../../domain/daemon-record.ts'
import type { Account } from '../../domain/account.ts'
import { namespacesAbove, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { tellsNumber } from '../../domain/recorded-decision.ts'

/** How many different questions are told of each shadow; the others are counted. */
const MAX_DIFFERENCES = 50

/** How many are told of all shadows together: one record of the store holds them. */
const MAX_TOLD = 2000

/** A question that was decided, to be decided by what is in the shadow as well. */
export interface LiveQuestion {
  readonly snapshot: PolicySnapshot
  readonly account: Pick<Account, 'id' | 'path'>
  readonly action: string
  readonly resource: string
  readonly context: Context
  readonly verdict: Verdict
}

/** Compares what is in the shadow of the policies in force with them, on live questions. */
export interface ShadowComparison {
  /** Decides a question once more, if it is one of accounts below a namespace that has a shadow. */
  readonly compare: (
    question: LiveQuestion,
    layersIn: (snapshot: PolicySnapshot) => readonly OwnedLayer[],
  ) => void
  /** What has come of it on this daemon: the shadows of now alone, and of those what was asked about. */
  readonly reports: (snapshot: PolicySnapshot) => ShadowReport[]
}

interface Counting {
  questions: number
  changed: number
  readonly differences: Map<string, ShadowDifference & { count: number }>
}

const byWhat = (statement: CompiledStatement | undefined): string | null =>
  statement === undefined
    ? null
    : `${statement.effect} of ${statement.policy.name}, ${statement.sid ?? `statement ${statement.index}`}`

const decideBy = (
  layers: readonly OwnedLayer[],
  { action, resource, context }: LiveQuestion,
): { verdict: Verdict; by: string | null } => {
  const allowing: CompiledStatement[] = []
  const { verdict, statement } = decide(layers, { action, resource, context }, allowing)
  return { verdict, by: byWhat(statement ?? allowing[0]) }
}

/** What no service declares there. */
const UNDECLARED: ReturnType<typeof decideBy> = { verdict: 'DENY_IMPLICIT', by: null }

const note = (
  counting: Counting,
  { account, action, resource, verdict }: LiveQuestion,
  after: ReturnType<typeof decideBy>,
): void => {
  counting.questions += 1
  if ((verdict === 'ALLOW') === (after.verdict === 'ALLOW')) return
  counting.changed += 1
  const shown = tellsNumber(resource) ? resource.slice(0, resource.indexOf('/')) : resource
  const key = `${account.id} ${action} ${shown} ${after.verdict}`
  const known = counting.differences.get(key)
  if (known !== undefined) known.count += 1
  else if (counting.differences.size < MAX_DIFFERENCES)
    counting.differences.set(key, {
      account: account.id,
      action,
      resource: shown,
      before: verdict,
      after: after.verdict,
      by: after.by,
      count: 1,
    })
}

/** Begins to compare: it counts by the revision in the shadow, and tells nothing of contexts. */
export const createShadowComparison = (): ShadowComparison => {
  const counted = new Map<string, Counting>()
  const countingOf = (revision: string): Counting => {
    const known = counted.get(revision)
    if (known !== undefined) return known
    const fresh = { questions: 0, changed: 0, differences: new Map() }
    counted.set(revision, fresh)
    return fresh
  }
  return {
    compare: (question, layersIn) => {
      const { account, action, snapshot } = question
      if (snapshot.shadows.size === 0) return
      for (const { id, policies, areServicesOthers } of namespacesAbove(account).flatMap(
        (name) => snapshot.shadows.get(name) ?? [],
      )) {
        const shadow = policies()
        const isUndeclared = areServicesOthers && !shadow.catalogueOf(account).actions.has(action)
        const after = isUndeclared ? UNDECLARED : decideBy(layersIn(shadow), question)
        note(countingOf(id), question, after)
      }
    },
    reports: ({ shadows }) => {
      const present = [...shadows]
      for (const revision of counted.keys())
        if (!present.some(([, { id }]) => id === revision)) counted.delete(revision)
      const asked = present.flatMap(([namespace, { id, number }]) => {
        const counting = counted.get(id)
        return counting === undefined ? [] : [{ namespace, revision: id, number, ...counting }]
      })
      const most = Math.floor(MAX_TOLD / Math.max(1, asked.length))
      return asked.map(({ differences, ...report }) => ({
        ...report,
        differences: [...differences.values()].slice(0, most),
      }))
    },
  }
}

/** Compares nothing: where nobody looks. */
export const NO_SHADOWS: ShadowComparison = { compare: () => undefined, reports: () => [] }
