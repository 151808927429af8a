import { SCHEMAS } from '../../../policies/schema.ts'
import type { Routes } from '../../contract/routes.ts'
import type { Account } from '../../domain/account.ts'
import { createAttachmentUseCases, type AttachmentList } from '../../usecases/policies/attachments.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createGrantUseCases } from '../../usecases/accounts/attach.ts'
import { createPolicyUseCases } from '../../usecases/policies/documents.ts'
import { createServiceUseCases } from '../../usecases/policies/services.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import type { Handlers, Reply } from '../reply.ts'
import { toAccount, toPolicy, toPolicySummary } from '../views.ts'

const tag = (value: string) => ({ ETag: `"${value}"` })

const changed = (detail: string, account: Account): Reply => ({
  status: 200,
  body: { detail, account: toAccount(account) },
  headers: tag(String(account.version)),
})

const toAttachments = (list: AttachmentList): Reply => ({
  status: 200,
  body: list,
  headers: tag(list.revision),
})

export const createPolicyHandlers = (deps: Deps) => {
  const policies = createPolicyUseCases(deps)
  const attachments = createAttachmentUseCases(deps)
  const services = createServiceUseCases(deps)
  const grants = createGrantUseCases(deps)

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
      return { status: 200, body: toPolicy(policy), headers: tag(policy.hash) }
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
        headers: tag(policy.hash),
      }
    },

    'policies.delete': async ({ caller, params, precondition, origin }) => {
      await policies.remove({ principal: caller, name: params.name, precondition, origin })
      return { status: 200, body: { detail: 'Policy deleted' } }
    },

    'policies.attach': async ({ caller, target, params, origin }) =>
      changed(
        'Policy attached',
        await grants.attach({ principal: caller, target, name: params.name, origin }),
      ),

    'policies.detach': async ({ caller, target, params, origin }) =>
      changed(
        'Policy detached',
        await grants.detach({ principal: caller, target, name: params.name, origin }),
      ),

    'policies.setBoundary': async ({ caller, target, body, origin }) =>
      changed(
        body.policy === null ? 'Boundary cleared' : 'Boundary set',
        await grants.setBoundary({ principal: caller, target, name: body.policy, origin }),
      ),

    'policies.schema': ({ params }) =>
      Promise.resolve({
        status: 200,
        body: SCHEMAS[params.name],
        headers: { 'Cache-Control': 'public, max-age=3600' },
      }),

    'attachments.get': async ({ caller, query }) =>
      toAttachments(await attachments.get(caller, query.namespace)),

    'attachments.put': async ({ caller, query, text, precondition, origin }) =>
      toAttachments(
        await attachments.put({ principal: caller, namespace: query.namespace, text, precondition, origin }),
      ),

    'services.list': ({ caller }) => Promise.resolve({ status: 200, body: { items: services.list(caller) } }),

    'services.put': async ({ caller, params, query, text, precondition, origin }) => {
      const { stored, created } = await services.put({
        principal: caller,
        name: params.name,
        namespace: query.namespace,
        text,
        precondition,
        origin,
      })
      return { status: created ? 201 : 200, body: stored, headers: tag(stored.hash) }
    },

    'services.delete': async ({ caller, params, query, precondition, origin }) => {
      await services.remove({
        principal: caller,
        name: params.name,
        namespace: query.namespace,
        precondition,
        origin,
      })
      return { status: 200, body: { detail: 'Service deleted' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
