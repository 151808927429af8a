import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, Cursor, Detail, oneOf, PageLimit, pageOf, PolicyName } from '../schema.ts'
import { AccountReply, idParams } from '../schemas/account.ts'
import { ApplyReply, Approval, Plan } from '../schemas/plan.ts'
import { Policy, PolicyDocument, PolicyReply, PolicySummary } from '../schemas/policy.ts'
import {
  ApplyRequest,
  ApproveRequest,
  PlanRequest,
  PromoteRequest,
  RevisionName,
  RollbackRequest,
  SET_BYTES,
  SET_KEYS,
} from '../schemas/plan-request.ts'
import { Replay, ReplayRequest } from '../schemas/replay.ts'
import { PolicyStatus, Revision, RevisionSummary } from '../schemas/revision.ts'
import { anyObject, DOCUMENT_BYTES, DOCUMENT_KEYS, NamespaceQuery } from '../schemas/policy-text.ts'

const policyParams = closed({ name: PolicyName })

/** `GET /policies`. */
export const listPolicies = route({
  operationId: 'policies.list',
  method: 'GET',
  path: '/policies',
  tag: 'Policies',
  summary: 'List policies',
  description: 'Managed ones, those of the accounts above you, and your own; or those of one namespace.',
  auth: 'access',
  action: 'authctl:ListPolicies',
  resource: 'account/${caller.path}',
  query: closed({
    namespace: NamespaceQuery,
    limit: Type.Optional(PageLimit),
    cursor: Type.Optional(Cursor),
  }),
  responses: { 200: { description: 'One page', schema: pageOf(PolicySummary, 'PolicyPage') } },
  errors: ['not_found'],
})

/** What a whole set can be refused for, whether it is planned or applied. */
const SET_ERRORS = ['not_found', 'policy_invalid', 'limit_reached'] as const
/** What a change of everything at once can be refused for. */
const APPLY_ERRORS = [
  ...SET_ERRORS,
  'exceeds_ceiling',
  'would_lock_out',
  'invariant_broken',
  'approval_required',
  'policy_in_use',
  'policy_conflict',
  'plan_stale',
  'limits_exceeded',
] as const

/** `POST /policies/plan`. */
export const planPolicies = route({
  operationId: 'policies.plan',
  method: 'POST',
  path: '/policies/plan',
  tag: 'Policies',
  summary: 'What applying a set would do',
  description:
    'Services, documents and attachments together, against what is in force: the objects that change, who gains and loses which right, and why it would be refused. Nothing is changed. The answer is signed: `POST /policies/apply` takes it within seven days.',
  auth: 'access',
  action: 'authctl:PlanPolicies',
  resource: 'account/${caller.path}',
  body: PlanRequest,
  maxBodyBytes: SET_BYTES,
  maxBodyKeys: SET_KEYS,
  responses: { 200: { description: 'The plan', schema: Plan } },
  errors: [...SET_ERRORS],
})

/** `POST /policies/replay`. */
export const replayPolicies = route({
  operationId: 'policies.replay',
  method: 'POST',
  path: '/policies/replay',
  tag: 'Policies',
  summary: 'Which recorded questions a set would answer otherwise',
  description:
    'Questions that the daemon has recorded (`AUTHCTL_RECORD_DECISIONS`), decided by the policies in force and as they would be, about the accounts as they are now, with the statement that decides before and after. Nothing is changed.',
  auth: 'access',
  action: 'authctl:PlanPolicies',
  resource: 'account/${caller.path}',
  body: ReplayRequest,
  maxBodyBytes: 2 * SET_BYTES,
  maxBodyKeys: SET_KEYS,
  responses: { 200: { description: 'What would change', schema: Replay } },
  errors: [...SET_ERRORS],
})

/** `POST /policies/apply`. */
export const applyPolicies = route({
  operationId: 'policies.apply',
  method: 'POST',
  path: '/policies/apply',
  tag: 'Policies',
  summary: 'Apply a set, or a plan of it, in one step',
  description:
    'All of it is in force afterwards, or nothing. With `plan`, only that: `plan_stale` if something has changed since. Applying the same again changes nothing.',
  auth: 'access',
  action: 'authctl:ApplyPolicies',
  resource: 'account/${caller.path}',
  body: ApplyRequest,
  maxBodyBytes: 2 * SET_BYTES,
  maxBodyKeys: SET_KEYS,
  responses: { 200: { description: 'Applied, or no changes', schema: ApplyReply } },
  errors: [...APPLY_ERRORS, 'plan_invalid'],
})

/** `POST /policies/approve`. */
export const approvePolicies = route({
  operationId: 'policies.approve',
  method: 'POST',
  path: '/policies/approve',
  tag: 'Policies',
  summary: 'Approve the plan of another account',
  description:
    'For objects that two accounts change together (`needsApproval`): the one who applies the plan sends the answer with it. You must be able to make each of its changes yourself.',
  auth: 'session',
  action: 'authctl:ApprovePolicies',
  resource: 'account/${caller.path}',
  body: ApproveRequest,
  maxBodyBytes: SET_BYTES,
  maxBodyKeys: SET_KEYS,
  responses: { 200: { description: 'The approval', schema: Approval } },
  errors: ['not_found', 'plan_invalid', 'plan_stale'],
})

/** `POST /policies/promote`. */
export const promotePolicies = route({
  operationId: 'policies.promote',
  method: 'POST',
  path: '/policies/promote',
  tag: 'Policies',
  summary: 'Make what was applied with `shadow` what is in force',
  description:
    'Judged as an apply is; `plan_stale` if the policies have changed since. `dry_run` answers the plan alone.',
  auth: 'access',
  action: 'authctl:ApplyPolicies',
  resource: 'account/${caller.path}',
  body: PromoteRequest,
  responses: { 200: { description: 'In force, or what that would do', schema: ApplyReply } },
  errors: [...APPLY_ERRORS],
})

/** `DELETE /policies/shadow`. */
export const dropShadow = route({
  operationId: 'policies.dropShadow',
  method: 'DELETE',
  path: '/policies/shadow',
  tag: 'Policies',
  summary: 'Drop what was applied with `shadow`',
  auth: 'access',
  action: 'authctl:ApplyPolicies',
  resource: 'account/${caller.path}',
  query: closed({ namespace: NamespaceQuery }),
  responses: { 200: { description: 'Dropped', schema: Detail } },
  errors: ['not_found', 'plan_stale'],
})

/** `POST /policies/rollback`. */
export const rollbackPolicies = route({
  operationId: 'policies.rollback',
  method: 'POST',
  path: '/policies/rollback',
  tag: 'Policies',
  summary: 'Bring an older revision of a namespace back',
  description:
    'A new revision with what was in that one, with the objects of all sets, within your own rights. `dry_run` answers the plan alone; `base` is the revision that it was made for.',
  auth: 'access',
  action: 'authctl:RollbackPolicies',
  resource: 'account/${caller.path}',
  body: RollbackRequest,
  responses: { 200: { description: 'Brought back, or what that would do', schema: ApplyReply } },
  errors: [...APPLY_ERRORS],
})

/** `GET /policies/status`. */
export const policyStatus = route({
  operationId: 'policies.status',
  method: 'GET',
  path: '/policies/status',
  tag: 'Policies',
  summary: 'Which revision is in force, and by which each daemon decides',
  description:
    'The daemons that live, each as it has said of itself last: at once when its policies change, else every `AUTHCTL_HEARTBEAT`. Their hosts and versions only super-admins hear.',
  auth: 'access',
  action: 'authctl:ListRevisions',
  resource: 'account/${caller.path}',
  query: closed({ namespace: NamespaceQuery }),
  responses: { 200: { description: 'The daemons', schema: PolicyStatus } },
  errors: ['not_found'],
})

/** `GET /policies/revisions`. */
export const listRevisions = route({
  operationId: 'policies.revisions',
  method: 'GET',
  path: '/policies/revisions',
  tag: 'Policies',
  summary: 'The revisions of a namespace, the one in force first',
  auth: 'access',
  action: 'authctl:ListRevisions',
  resource: 'account/${caller.path}',
  query: closed({
    namespace: NamespaceQuery,
    limit: Type.Optional(PageLimit),
    cursor: Type.Optional(Cursor),
  }),
  responses: { 200: { description: 'One page', schema: pageOf(RevisionSummary, 'RevisionPage') } },
  errors: ['not_found'],
})

/** `GET /policies/revisions/{id}`. */
export const getRevision = route({
  operationId: 'policies.revision',
  method: 'GET',
  path: '/policies/revisions/{id}',
  tag: 'Policies',
  summary: 'One revision with everything that is in it',
  description:
    'Of a namespace above the caller: its services and documents. Attachments and invariants name other accounts below it.',
  auth: 'access',
  action: 'authctl:GetRevision',
  resource: 'account/${caller.path}',
  params: closed({ id: RevisionName }),
  query: closed({ namespace: NamespaceQuery }),
  responses: { 200: { description: 'The revision', schema: Revision } },
  errors: ['not_found'],
})

/** `GET /policies/{name}`. */
export const getPolicy = route({
  operationId: 'policies.get',
  method: 'GET',
  path: '/policies/{name}',
  tag: 'Policies',
  summary: 'Read one policy',
  auth: 'access',
  action: 'authctl:GetPolicy',
  resource: 'account/${caller.path}',
  params: policyParams,
  responses: { 200: { description: 'The policy', schema: Policy } },
  errors: ['not_found'],
})

/** `PUT /policies/{name}`. */
export const putPolicy = route({
  operationId: 'policies.put',
  method: 'PUT',
  path: '/policies/{name}',
  tag: 'Policies',
  summary: 'Create or replace one policy',
  description: 'In force on every daemon within a second. Only what the validator passes is stored.',
  auth: 'access',
  action: 'authctl:PutPolicy',
  resource: 'account/${caller.path}',
  params: policyParams,
  body: PolicyDocument,
  precondition: true,
  maxBodyBytes: DOCUMENT_BYTES,
  maxBodyKeys: DOCUMENT_KEYS,
  responses: {
    200: { description: 'Replaced', schema: PolicyReply },
    201: { description: 'Created', schema: PolicyReply },
  },
  errors: [
    'not_found',
    'policy_invalid',
    'limit_reached',
    'would_lock_out',
    'invariant_broken',
    'approval_required',
  ],
})

/** `DELETE /policies/{name}`. */
export const deletePolicy = route({
  operationId: 'policies.delete',
  method: 'DELETE',
  path: '/policies/{name}',
  tag: 'Policies',
  summary: 'Delete a policy that is attached nowhere',
  auth: 'access',
  action: 'authctl:DeletePolicy',
  resource: 'account/${caller.path}',
  params: policyParams,
  precondition: true,
  responses: { 200: { description: 'Deleted', schema: Detail } },
  errors: ['not_found', 'policy_in_use', 'would_lock_out', 'invariant_broken', 'approval_required'],
})

const attachParams = closed({ id: idParams.properties.id, name: PolicyName })

/** `POST /accounts/{id}/policies/{name}`. */
export const attachPolicy = route({
  operationId: 'policies.attach',
  method: 'POST',
  path: '/accounts/{id}/policies/{name}',
  tag: 'Policies',
  summary: 'Attach a policy to an account',
  description: 'One that is attached already stays so. It must give nothing that you may not do yourself.',
  auth: 'access',
  action: 'authctl:AttachPolicy',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: attachParams,
  responses: { 200: { description: 'The account', schema: AccountReply } },
  errors: ['not_found', 'exceeds_ceiling', 'invariant_broken', 'limit_reached'],
})

/** `DELETE /accounts/{id}/policies/{name}`. */
export const detachPolicy = route({
  operationId: 'policies.detach',
  method: 'DELETE',
  path: '/accounts/{id}/policies/{name}',
  tag: 'Policies',
  summary: 'Detach a policy from an account',
  auth: 'access',
  action: 'authctl:DetachPolicy',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: attachParams,
  responses: { 200: { description: 'The account', schema: AccountReply } },
  errors: ['not_found', 'exceeds_ceiling', 'invariant_broken', 'limit_reached'],
})

/** `PUT /accounts/{id}/boundary`. */
export const setBoundary = route({
  operationId: 'policies.setBoundary',
  method: 'PUT',
  path: '/accounts/{id}/boundary',
  tag: 'Policies',
  summary: 'Set or clear the boundary of an account',
  description: 'What no Allow of the boundary names is denied to the account and to everything below it.',
  auth: 'access',
  action: 'authctl:SetBoundary',
  target: 'dominated',
  resource: 'account/${target.path}',
  params: idParams,
  body: closed(
    { policy: Type.Unsafe<string | null>({ ...PolicyName, type: ['string', 'null'] }) },
    { title: 'Boundary' },
  ),
  responses: { 200: { description: 'The account', schema: AccountReply } },
  errors: ['not_found', 'exceeds_ceiling', 'invariant_broken', 'limit_reached'],
})

/** The kinds of policy files that have a schema. */
export const SCHEMA_NAMES = ['policy', 'set', 'service', 'attachments', 'tests', 'invariant'] as const

/** `GET /schemas/{name}`. */
export const getSchema = route({
  operationId: 'policies.schema',
  method: 'GET',
  path: '/schemas/{name}',
  tag: 'Policies',
  summary: 'The JSON Schema of a kind of policy file',
  auth: 'none',
  params: closed({ name: oneOf(SCHEMA_NAMES) }),
  responses: {
    200: {
      description: 'JSON Schema, draft 2020-12',
      schema: Type.Unsafe<Record<string, unknown>>(anyObject),
      contentType: 'application/schema+json',
    },
  },
  errors: [],
})
