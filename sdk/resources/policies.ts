import * as operations from '../operations.gen.ts'
import { listPages, type Page } from '../page.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  AccountReply,
  ApplyReply,
  ApplyRequest,
  Approval,
  Detail,
  Plan,
  PlanRequest,
  PoliciesDropShadowQuery,
  PoliciesListQuery,
  PoliciesRevisionQuery,
  PoliciesRevisionsQuery,
  PoliciesStatusQuery,
  Policy,
  PolicyDocument,
  PolicyReply,
  PolicyStatus,
  PolicySummary,
  PromoteRequest,
  Replay,
  ReplayRequest,
  Revision,
  RevisionSummary,
  RollbackRequest,
} from '../types.gen.ts'

/** The kinds of policy files that have a schema. */
export type SchemaName = 'policy' | 'set' | 'service' | 'attachments' | 'tests' | 'invariant'

/** The operations of policies, and of what is attached to an account. */
export const policies = (sender: Sender) => ({
  /** The policies that the caller sees; iterate the page to read them all. */
  list: (query?: PoliciesListQuery, options?: CallOptions): Promise<Page<PolicySummary>> =>
    listPages(sender, operations.policiesList, query, options),
  /** One policy: `name` of the caller's own namespace, `root/name`, `adm_…/name`, or `authctl:Name`. */
  get: (name: string, options?: CallOptions): Promise<Policy> =>
    sender.send(operations.policiesGet, { params: { name } }, options),
  /**
   * Creates a policy, or with `ifMatch` (its `hash`) replaces it. Errors in a text are told by its own lines.
   */
  put: (name: string, document: PolicyDocument | string, options?: CallOptions): Promise<PolicyReply> =>
    sender.send(operations.policiesPut, { params: { name }, body: document }, options),
  /** Deletes a policy that is attached nowhere. */
  delete: (name: string, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.policiesDelete, { params: { name } }, options),
  /** What applying a set would do: nothing is changed. */
  plan: (set: PlanRequest, options?: CallOptions): Promise<Plan> =>
    sender.send(operations.policiesPlan, { body: set }, options),
  /** Which recorded questions a set would answer otherwise: nothing is changed. */
  replay: (set: ReplayRequest, options?: CallOptions): Promise<Replay> =>
    sender.send(operations.policiesReplay, { body: set }, options),
  /** Applies a set in one step; with `plan`, only that. */
  apply: (
    set: Omit<ApplyRequest, 'plan' | 'approval'> & { readonly plan?: Plan; readonly approval?: Approval },
    options?: CallOptions,
  ): Promise<ApplyReply> => sender.send(operations.policiesApply, { body: set }, options),
  /** Approves the plan of another account, who applies it with the answer. */
  approve: (plan: Plan, options?: CallOptions): Promise<Approval> =>
    sender.send(operations.policiesApprove, { body: { plan } }, options),
  /** Makes what was applied with `shadow` what is in force; with `dry_run` it answers the plan alone. */
  promote: (request: PromoteRequest = {}, options?: CallOptions): Promise<ApplyReply> =>
    sender.send(operations.policiesPromote, { body: request }, options),
  /** Drops what was applied with `shadow`. */
  dropShadow: (query?: PoliciesDropShadowQuery, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.policiesDropShadow, { query }, options),
  /** Brings an older revision back, by its id or number; with `dry_run` it answers the plan alone. */
  rollback: (to: RollbackRequest, options?: CallOptions): Promise<ApplyReply> =>
    sender.send(operations.policiesRollback, { body: to }, options),
  /** Which revision is in force, and by which each daemon decides. */
  status: (query?: PoliciesStatusQuery, options?: CallOptions): Promise<PolicyStatus> =>
    sender.send(operations.policiesStatus, { query }, options),
  /** The revisions of a namespace, the one in force first; iterate the page to read them all. */
  revisions: (query?: PoliciesRevisionsQuery, options?: CallOptions): Promise<Page<RevisionSummary>> =>
    listPages(sender, operations.policiesRevisions, query, options),
  /** One revision with everything that is in it. */
  revision: (id: string, query?: PoliciesRevisionQuery, options?: CallOptions): Promise<Revision> =>
    sender.send(operations.policiesRevision, { params: { id }, query }, options),
  /** Attaches a policy to an account. */
  attach: (id: string, name: string, options?: CallOptions): Promise<AccountReply> =>
    sender.send(operations.policiesAttach, { params: { id, name } }, options),
  /** Detaches a policy from an account. */
  detach: (id: string, name: string, options?: CallOptions): Promise<AccountReply> =>
    sender.send(operations.policiesDetach, { params: { id, name } }, options),
  /** Sets the boundary of an account; null takes it away. */
  setBoundary: (id: string, policy: string | null, options?: CallOptions): Promise<AccountReply> =>
    sender.send(operations.policiesSetBoundary, { params: { id }, body: { policy } }, options),
  /** The JSON Schema of a kind of policy file. */
  schema: (name: SchemaName, options?: CallOptions): Promise<Record<string, unknown>> =>
    sender.send(operations.policiesSchema, { params: { name } }, options),
})
