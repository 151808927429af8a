import { Type } from 'typebox'
import { closed, nullable, oneOf, Timestamp } from '../schema.ts'
import { anyObject } from './policy-text.ts'
import { VERDICTS } from './decision.ts'

const KINDS = ['service', 'document', 'attachment', 'invariant'] as const
const VERBS = ['create', 'update', 'delete'] as const

const kind = oneOf(KINDS)
const value = Type.Union([Type.Unsafe<Record<string, unknown>>(anyObject), Type.Null()])
/** Where an object is written. */
export const source = nullable<string>(
  { type: 'string' },
  { description: '`file:line:column`, relative to the root of the repository' },
)
/** Whose an object is. */
export const owner = nullable<string>({ type: 'string' }, { description: 'The set; null: made by hand' })
const Change = closed(
  {
    kind,
    name: Type.String(),
    verb: oneOf(VERBS),
    before: value,
    after: value,
    owner,
    adopts: Type.Boolean({ description: 'The set takes it over; the content may be the same' }),
    source,
    statements: Type.Array(
      closed(
        {
          verb: oneOf(VERBS),
          sid: nullable<string>({ type: 'string' }),
          index: Type.Integer(),
          before: value,
          after: value,
          elements: Type.Array(
            closed(
              {
                element: Type.String({ description: '`Action`, or `Condition StringEquals resource.team`' }),
                added: Type.Array(Type.String()),
                removed: Type.Array(Type.String()),
                kept: Type.Array(Type.String()),
              },
              { title: 'ElementChange' },
            ),
          ),
        },
        { title: 'StatementChange' },
      ),
      { description: 'For documents: the statements that come, go or change' },
    ),
  },
  { title: 'ObjectChange' },
)

const Cause = closed(
  {
    policy: Type.String(),
    sid: nullable<string>({ type: 'string' }),
    index: Type.Integer(),
    effect: oneOf(['Allow', 'Deny'] as const),
    source,
  },
  { title: 'AccessCause' },
)

const Witness = closed(
  {
    principal: Type.String(),
    action: Type.String(),
    resource: Type.String(),
    context: Type.Unsafe<Record<string, unknown>>(anyObject),
    before: oneOf(VERDICTS),
    after: oneOf(VERDICTS),
  },
  { title: 'AccessWitness' },
)

const AccessChange = closed(
  {
    verb: oneOf(['gain', 'lose'] as const),
    action: Type.String(),
    resource: Type.String({ description: 'The pattern, as the statement has it' }),
    cause: Type.Union([Cause, Type.Null()]),
    accounts: Type.Integer({ description: 'How many' }),
    sample: Type.Array(Type.String(), { description: 'The first five of them' }),
    witness: Witness,
  },
  { title: 'AccessChange' },
)

const count = closed({ rights: Type.Integer(), accounts: Type.Integer() }, { title: 'AccessCount' })

const AccessDiff = closed(
  {
    gained: count,
    lost: count,
    changes: Type.Array(AccessChange, { description: 'Collapsed by cause, the widest first' }),
    changes_total: Type.Integer(),
    shut: closed(
      { accounts: Type.Integer(), sample: Type.Array(Type.String()) },
      { title: 'ShutAccounts', description: 'Accounts that can do nothing any more' },
    ),
    examined: Type.Integer({ description: 'Accounts that the change touches' }),
  },
  { title: 'AccessDiff', description: 'Who gains and loses what, by the decisions of the engine' },
)

const Limits = closed(
  {
    max_gain: nullable<number>({ type: 'integer' }),
    max_lose: nullable<number>({ type: 'integer' }),
    max_deletes: nullable<number>({ type: 'integer' }),
  },
  { title: 'PlanLimits' },
)

const Order = closed(
  {
    namespace: Type.String(),
    set: nullable<string>({ type: 'string' }, { description: 'null for a rollback' }),
    rollback_to: nullable<string>({ type: 'string' }, { description: 'The revision that is brought back' }),
    directory: Type.String(),
    commit: nullable<string>({ type: 'string' }),
    dirty: Type.Boolean(),
    prune: Type.Boolean(),
    prune_used: Type.Boolean(),
    adopt: Type.Array(Type.String()),
    allow_lockout: Type.Boolean(),
    limits: Limits,
  },
  { title: 'PlanOrder', description: 'What was asked for' },
)

const Warning = closed(
  {
    file: Type.String(),
    line: Type.Integer(),
    column: Type.Integer(),
    severity: oneOf(['error', 'warning'] as const),
    code: Type.String(),
    message: Type.String(),
    hint: Type.String(),
    suggestion: nullable<string>({ type: 'string' }),
  },
  { title: 'PlanWarning' },
)

/** An object by its kind and name. */
export const named = { kind, name: Type.String() }

/** What the server would do. */
export const Plan = closed(
  {
    version: Type.Literal(1),
    order: Order,
    files: Type.Array(
      closed(
        { path: Type.String(), hash: Type.String({ description: 'SHA-256 of the text, base64url' }) },
        { title: 'PlannedFile' },
      ),
    ),
    base: closed(
      { revision: nullable<string>({ type: 'string' }), number: Type.Integer() },
      { title: 'PlanBase', description: 'The revision in force when it was made' },
    ),
    actor: Type.String(),
    created_at: Timestamp,
    expires_at: Timestamp,
    changes: Type.Array(Change),
    spared: Type.Array(closed({ ...named, in_use: Type.Boolean() }, { title: 'SparedObject' }), {
      description:
        'Objects of the set that its files do not have, and that stay without `prune`, or though it prunes: something was allowed by them in the last seven days (`in_use`)',
    }),
    access: AccessDiff,
    warnings: Type.Array(Warning, {
      description: 'What is legal in the files and probably not meant; of a plan alone',
    }),
    conflicts: Type.Array(closed({ ...named, owner, source }, { title: 'PlanConflict' }), {
      description: 'Objects of others, which `adopt` would take over',
    }),
    refusals: Type.Array(
      closed(
        {
          code: Type.String({ description: 'A code of the error catalogue' }),
          detail: Type.String(),
          errors: Type.Array(
            closed(
              { pointer: Type.String(), code: Type.String(), detail: Type.String() },
              { title: 'RefusalDetail' },
            ),
          ),
        },
        { title: 'PlanRefusal' },
      ),
      { description: 'Why it would not be applied; empty: it would' },
    ),
    digest: Type.String({ description: 'Identifies the state that it makes' }),
    signature: Type.String({ description: 'The server signs everything else' }),
  },
  { title: 'Plan' },
)

/** That another account may apply a plan. */
export const Approval = closed(
  {
    version: Type.Literal(1),
    plan: Type.String({ description: 'The signature of the plan' }),
    actor: Type.String({ description: 'Who approves it' }),
    approved_at: Timestamp,
    expires_at: Timestamp,
    signature: Type.String({ description: 'The server signs everything else' }),
  },
  { title: 'Approval' },
)

/** What came of an apply or a rollback. */
export const ApplyReply = closed(
  {
    detail: Type.String(),
    applied: Type.Boolean({ description: 'false: no changes, or a dry run' }),
    revision: closed(
      { id: nullable<string>({ type: 'string' }), number: Type.Integer() },
      { title: 'RevisionInForce', description: 'What is in force now' },
    ),
    plan: Plan,
  },
  { title: 'ApplyReply' },
)
