import { SCHEMAS } from '../../../policies/validate/index.ts'
import type { Routes } from '../../contract/routes.ts'
import type { AccountId } from '../../domain/account.ts'
import { createGrants } from '../../usecases/accounts/attach.ts'
import type { Deps } from '../../usecases/deps.ts'
import type { BodyOf } from '../../contract/route.ts'
import { createPolicies } from '../../usecases/policies/documents.ts'
import { createFleet } from '../../usecases/policies/fleet.ts'
import { createApprove } from '../../usecases/policies/approve.ts'
import { createPastRevisions } from '../../usecases/policies/past-revisions.ts'
import { createPlans, type SetRequest } from '../../usecases/policies/plans.ts'
import { changedReply } from '../account-replies.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { entityTag, type Handlers } from '../reply.ts'
import { toApplied, toPolicy, toPolicyStatus, toPolicySummary, toReplay, toRevision } from '../views.ts'

type AskedLimits = NonNullable<BodyOf<Routes['policies.plan']>['limits']>

const limitsOf = ({ max_gain = null, max_lose = null, max_deletes = null }: AskedLimits = {}) => ({
  max_gain,
  max_lose,
  max_deletes,
})

/** What is asked for with a set, with every default. */
const orderOf = ({
  namespace,
  set,
  directory = '.',
  commit = null,
  dirty = false,
  prune = false,
  prune_used = false,
  adopt = [],
  allow_lockout = false,
  limits,
}: BodyOf<Routes['policies.plan']>): SetRequest['order'] => ({
  namespace,
  set,
  directory,
  commit,
  dirty,
  prune,
  prune_used,
  adopt,
  allow_lockout,
  limits: limitsOf(limits),
})

/** Which page of a namespace is asked for. */
const pageOf = ({
  namespace,
  cursor,
  limit = 50,
}: {
  readonly namespace?: string
  readonly cursor?: string
  readonly limit?: number
}) => ({ namespace, after: decodeCursor(cursor, 'string')?.[0], limit })

const pageBody = <T>(items: T[], next: string | null) => ({
  items,
  next_cursor: next && encodeCursor([next]),
})

/** The handlers of policies, and of what is attached to an account. */
export const createPolicyHandlers = (deps: Deps) => {
  const policies = createPolicies(deps)
  const grants = createGrants(deps)
  const plans = createPlans(deps)
  const past = createPastRevisions(deps)
  const approve = createApprove(deps)
  const fleet = createFleet(deps)

  return {
    'policies.list': async ({ caller, query }) => {
      const { items, next } = await policies.list({ principal: caller, ...pageOf(query) })
      return { status: 200, body: pageBody(items.map(toPolicySummary), next) }
    },

    'policies.get': async ({ caller, params }) => {
      const policy = await policies.get(caller, params.name)
      return { status: 200, body: toPolicy(policy), headers: entityTag(policy.hash) }
    },

    'policies.put': async ({ caller, params, text, precondition, origin }) => {
      const { policy, outcome } = await policies.put({
        principal: caller,
        name: params.name,
        text,
        precondition,
        origin,
      })
      return {
        status: outcome === 'created' ? 201 : 200,
        body: { detail: `Policy ${outcome}`, policy: toPolicy(policy) },
        headers: entityTag(policy.hash),
      }
    },

    'policies.delete': async ({ caller, params, precondition, origin }) => {
      await policies.remove({ principal: caller, name: params.name, precondition, origin })
      return { status: 200, body: { detail: 'Policy deleted' } }
    },

    'policies.plan': async ({ caller, body, origin }) => ({
      status: 200,
      body: await plans.plan({ principal: caller, origin, order: orderOf(body), files: body.files }),
    }),

    'policies.replay': async ({ caller, body, origin }) => {
      const questions = body.questions.map(({ account, context = {}, hidden = [], ...asked }) => ({
        ...asked,
        account: account as AccountId,
        context,
        hidden,
      }))
      const order = orderOf(body)
      const replayed = await plans.replay({ principal: caller, origin, order, files: body.files, questions })
      return { status: 200, body: toReplay(replayed) }
    },

    'policies.apply': async ({ caller, body, origin }) => {
      const { files, plan, approval, shadow: isShadow = false } = body
      const order = orderOf(body)
      const request = { principal: caller, origin, order, files, plan, approval, isShadow }
      const applied = await plans.apply(request)
      const done = isShadow ? 'In the shadow' : 'Applied'
      return { status: 200, body: toApplied(applied.isApplied ? done : 'No changes', applied) }
    },

    'policies.approve': async ({ caller, body, origin }) => ({
      status: 200,
      body: await approve({ principal: caller, origin, plan: body.plan }),
    }),

    'policies.promote': async ({ caller, body, origin }) => {
      const { namespace, dry_run: isDryRun = false, allow_lockout: allowLockout = false, limits } = body
      const asked = { namespace, isDryRun, allowLockout, limits: limitsOf(limits) }
      const applied = await plans.promote({ principal: caller, origin, ...asked })
      const detail = applied.isApplied ? 'Promoted' : isDryRun ? 'Nothing was changed' : 'No changes'
      return { status: 200, body: toApplied(detail, applied) }
    },

    'policies.dropShadow': async ({ caller, query, origin }) => {
      await plans.dropShadow({ principal: caller, origin }, query.namespace)
      return { status: 200, body: { detail: 'Shadow dropped' } }
    },

    'policies.rollback': async ({ caller, body, origin }) => {
      const { namespace, revision, base, dry_run: isDryRun = false, allow_lockout = false, limits } = body
      const applied = await plans.rollback({
        principal: caller,
        origin,
        namespace,
        revision,
        base,
        isDryRun,
        allowLockout: allow_lockout,
        limits: limitsOf(limits),
      })
      const detail = applied.isApplied ? 'Rolled back' : isDryRun ? 'Nothing was changed' : 'No changes'
      return { status: 200, body: toApplied(detail, applied) }
    },

    'policies.status': async ({ caller, query }) => ({
      status: 200,
      body: toPolicyStatus(await fleet.status(caller, query.namespace)),
    }),

    'policies.revisions': async ({ caller, query }) => {
      const { items, next } = await past.list({ principal: caller, ...pageOf(query) })
      return { status: 200, body: pageBody(items.map(toRevision), next) }
    },

    'policies.revision': async ({ caller, params, query }) => {
      const found = await past.get({ principal: caller, namespace: query.namespace, name: params.id })
      const objects = found.objects.map(({ kind, name, value, origin }) => ({ kind, name, value, origin }))
      return { status: 200, body: { ...toRevision(found), objects } }
    },

    'policies.attach': async ({ caller, target, params, origin }) =>
      changedReply(
        'Policy attached',
        await grants.attach({ principal: caller, target, name: params.name, origin }),
      ),

    'policies.detach': async ({ caller, target, params, origin }) =>
      changedReply(
        'Policy detached',
        await grants.detach({ principal: caller, target, name: params.name, origin }),
      ),

    'policies.setBoundary': async ({ caller, target, body, origin }) =>
      changedReply(
        body.policy === null ? 'Boundary cleared' : 'Boundary set',
        await grants.setBoundary({ principal: caller, target, name: body.policy, origin }),
      ),

    'policies.schema': ({ params }) =>
      Promise.resolve({
        status: 200,
        body: SCHEMAS[params.name],
        headers: { 'Cache-Control': 'public, max-age=3600' },
      }),
  } satisfies Partial<Handlers<Routes>>
}
