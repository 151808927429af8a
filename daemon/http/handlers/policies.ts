import { SCHEMAS } from '../../../policies/validate/index.ts'
import type { Routes } from '../../contract/routes.ts'
import { createGrants } from '../../usecases/accounts/attach.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createPolicies } from '../../usecases/policies/documents.ts'
import { changedReply } from '../account-replies.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { entityTag, type Handlers } from '../reply.ts'
import { toPolicy, toPolicySummary } from '../views.ts'

/** The handlers of policies, and of what is attached to an account. */
export const createPolicyHandlers = (deps: Deps) => {
  const policies = createPolicies(deps)
  const grants = createGrants(deps)

  return {
    'policies.list': async ({ caller, query }) => {
      const { items, next } = await policies.list({
        principal: caller,
        namespace: query.namespace,
        after: decodeCursor(query.cursor, 'string')?.[0],
        limit: query.limit ?? 50,
      })
      return {
        status: 200,
        body: { items: items.map(toPolicySummary), next_cursor: next && encodeCursor([next]) },
      }
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
