import { Type } from 'typebox'
import { closed, nullable, NAMESPACE, pageOf, Timestamp } from '../schema.ts'
import { AccountId } from './account.ts'
import { ACTION } from './question.ts'
import { snapshotRevision } from './snapshot.ts'

const AGENT_NAME = '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$'
const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })

const AgentHead = closed(
  {
    namespace: Type.String({ pattern: `^${NAMESPACE}$` }),
    id: Type.String({ maxLength: 64 }),
    number: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { title: 'AgentHead' },
)

const AgentDenial = closed(
  {
    account: AccountId,
    action: Type.String({ pattern: ACTION, examples: ['orders:Read'] }),
    resource: Type.String({ maxLength: 512, pattern: '^[A-Za-z0-9._~@:+=,/-]+$', examples: ['order/1'] }),
    at: Timestamp,
  },
  { title: 'AgentDenial' },
)

const said = {
  agent: Type.String({ pattern: AGENT_NAME, description: 'Names this process', examples: ['web-1:4711'] }),
  software: nullable<string>({ type: 'string', maxLength: 64 }, { description: 'What it runs' }),
  language: Type.Integer({
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'The highest that its engine knows',
  }),
  revision: snapshotRevision('Of the snapshot that it decides by'),
  heads: Type.Array(AgentHead, {
    maxItems: 10,
    description: 'Those of `heads` of its snapshot that are of the owner of the application and above',
  }),
  started_at: Timestamp,
  allowed: count('Decisions since it began'),
  denied: count('Decisions since it began'),
  denials: Type.Array(AgentDenial, { maxItems: 50, description: 'A sample of them since the last report' }),
}

/** What a process that decides by itself says of itself. */
export const AgentReport = closed(said, { title: 'AgentReport' })

/** What it hears. */
export const AgentReported = closed(
  { detail: Type.String(), next_report_seconds: Type.Integer({ description: 'When to report again' }) },
  { title: 'AgentReported' },
)

/** A process that decides by itself. */
export const Agent = closed(
  {
    application: Type.String({ description: 'The application, or the account that loads for itself' }),
    owner_id: Type.String(),
    ...said,
    seen_at: Timestamp,
    is_current: Type.Boolean({ description: 'Whether it decides by the revisions in force, or later ones' }),
  },
  { title: 'Agent' },
)

/** One page of the processes that decide by themselves. */
export const AgentPage = pageOf(Agent, 'AgentPage')
