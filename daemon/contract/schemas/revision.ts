import { Type } from 'typebox'
import { closed, nullable, oneOf, Timestamp } from '../schema.ts'
import { Agent } from './agent.ts'
import { VERDICTS } from './decision.ts'
import { named, owner, source } from './plan.ts'
import { anyObject } from './policy-text.ts'

const revisionFields = {
  id: Type.String(),
  number: Type.Integer(),
  namespace: Type.String(),
  parent: nullable<string>({ type: 'string' }),
  created_at: Timestamp,
  actor: nullable<string>({ type: 'string' }),
  approved_by: nullable<string>(
    { type: 'string' },
    { description: 'The second account, of a change that two make together' },
  ),
  event: oneOf(['apply', 'rollback', 'edit'] as const, { description: '`edit`: a single request' }),
  set: owner,
  commit: nullable<string>({ type: 'string' }),
  dirty: Type.Boolean(),
  rollback_to: nullable<string>({ type: 'string' }),
  is_head: Type.Boolean({ description: 'Whether it is in force' }),
  services: Type.Integer({ description: 'How many' }),
  documents: Type.Integer({ description: 'How many' }),
  attachments: Type.Integer({ description: 'How many' }),
  invariants: Type.Integer({ description: 'How many' }),
}

/** A revision in a list. */
export const RevisionSummary = closed(revisionFields, { title: 'RevisionSummary' })

const Origin = closed(
  {
    set: Type.String(),
    source,
    commit: nullable<string>({ type: 'string' }),
    dirty: Type.Boolean(),
    actor: nullable<string>({ type: 'string' }),
    revision: Type.Integer({ description: 'The number of the one that brought it' }),
  },
  { title: 'ObjectOrigin' },
)

/** A revision with everything that is in it. */
export const Revision = closed(
  {
    ...revisionFields,
    objects: Type.Array(
      closed(
        {
          ...named,
          value: Type.Unsafe<Record<string, unknown>>(anyObject),
          origin: Type.Union([Origin, Type.Null()], { description: 'null: made by hand' }),
        },
        { title: 'RevisionObject' },
      ),
    ),
  },
  { title: 'Revision' },
)

const Head = closed({ id: Type.String(), number: Type.Integer() }, { title: 'DecidingRevision' })

const LivingDaemon = closed(
  {
    id: Type.String({ description: 'Names this run of the daemon' }),
    host: nullable<string>({ type: 'string' }),
    pid: nullable<number>({ type: 'integer' }),
    version: nullable<string>({ type: 'string' }, { description: 'The version of authctl' }),
    started_at: Timestamp,
    seen_at: Timestamp,
    revision: Type.Union([Head, Type.Null()], {
      description: 'By which it decides; null: none, or one older than all that it names',
    }),
    is_current: Type.Boolean({ description: 'Whether that is the one in force, or a later one' }),
  },
  { title: 'LivingDaemon' },
)

const ShadowReport = closed(
  {
    id: Type.String(),
    number: Type.Integer(),
    questions: Type.Integer({ description: 'How many live questions were decided by both' }),
    changed: Type.Integer({ description: 'How many of them otherwise' }),
    differences: Type.Array(
      closed(
        {
          account: Type.String(),
          action: Type.String(),
          resource: Type.String(),
          before: oneOf(VERDICTS),
          after: oneOf(VERDICTS),
          by: nullable<string>({ type: 'string' }, { description: 'The statement that decides it then' }),
          count: Type.Integer(),
        },
        { title: 'ShadowDifference' },
      ),
      { description: 'The most frequent of them, up to a hundred' },
    ),
  },
  { title: 'ShadowReport' },
)

/** What is in force, and by what each daemon decides. */
export const PolicyStatus = closed(
  {
    namespace: Type.String(),
    revision: Type.Union([Head, Type.Null()], { description: 'In force; null before the first change' }),
    daemons: Type.Array(LivingDaemon),
    agents: Type.Array(Agent, {
      description:
        'The processes of applications that decide by themselves, up to a hundred; none for those who may not change the namespace',
    }),
    has_more_agents: Type.Boolean({ description: 'Whether there are more: `GET /policies/agents` has them' }),
    shadow: Type.Union([ShadowReport, Type.Null()], {
      description:
        'What was applied with `shadow`, and what came of comparing it, as the daemons have said last; null also for those who may not change the namespace',
    }),
  },
  { title: 'PolicyStatus' },
)
