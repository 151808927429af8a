import type { Approval, AuthctlClient } from '@authctl/sdk'
import type { Plan } from '../../../policies/plan/index.ts'
import { namedRevision, orNotFound } from '../../errors/not-found.ts'
import { withPlaces } from './diagnostics.ts'
import type { ReadSet } from './request.ts'

/** What came of an apply or a rollback. */
export interface Outcome {
  readonly applied: boolean
  readonly revision: { readonly id: string | null; readonly number: number }
  readonly plan: Plan
}

/** The SDK's types of documents are those of any JSON: the server has checked that they are policies. */
type Wire<T> = { readonly [K in keyof T]: unknown }

/** A plan as the SDK sends it. */
type SentPlan = NonNullable<Parameters<AuthctlClient['policies']['apply']>[0]['plan']>

const asPlan = (plan: Wire<Plan>): Plan => plan as Plan

/** What the server would do with a set. Throws what is wrong in the files by their lines. */
export const makePlan = async (client: AuthctlClient, read: ReadSet): Promise<Plan> =>
  asPlan(await withPlaces(read, client.policies.plan(read.request)))

/** Applies a set just as it was planned, with the approval of another account if there is one. */
export const applyPlan = async (
  client: AuthctlClient,
  read: ReadSet,
  { plan, approval, shadow }: { plan: Plan; approval: Approval | undefined; shadow: boolean },
): Promise<Outcome> => {
  const sent = { ...read.request, plan: plan as SentPlan, ...(approval && { approval }), shadow }
  const reply = await withPlaces(read, client.policies.apply(sent))
  return { ...reply, plan: asPlan(reply.plan) }
}

/** Approves the plan of another account. */
export const approvePlan = (client: AuthctlClient, plan: Plan): Promise<Approval> =>
  client.policies.approve(plan as SentPlan)

/** What a rollback is asked for. */
export type RollbackOrder = Parameters<AuthctlClient['policies']['rollback']>[0]

/** Brings a revision back, or with `dry_run` answers the plan of it. */
export const rollBack = async (client: AuthctlClient, order: RollbackOrder): Promise<Outcome> => {
  const reply = await orNotFound(client.policies.rollback(order), namedRevision(order.revision))
  return { ...reply, plan: asPlan(reply.plan) }
}

/** Makes what stands in the shadow what is in force, or with `dry_run` answers the plan of it. */
export const promote = async (
  client: AuthctlClient,
  order: Parameters<AuthctlClient['policies']['promote']>[0],
): Promise<Outcome> => {
  const reply = await client.policies.promote(order)
  return { ...reply, plan: asPlan(reply.plan) }
}
