import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, Cursor, PageLimit } from '../schema.ts'
import { AgentPage, AgentReport, AgentReported } from '../schemas/agent.ts'

/** `POST /policies/agents`. */
export const reportAgent = route({
  operationId: 'agents.report',
  method: 'POST',
  path: '/policies/agents',
  tag: 'Local decisions',
  summary: 'A process that decides by itself says by what, and how often',
  description: 'It is listed for three minutes. The denials go into the audit log.',
  auth: 'access',
  action: 'authctl:LoadPolicies',
  resource: 'account/${caller.path}',
  body: AgentReport,
  maxBodyBytes: 64 * 1024,
  maxBodyKeys: 1000,
  responses: { 200: { description: 'Noted', schema: AgentReported } },
  errors: ['rate_limited'],
})

/** `GET /policies/agents`. */
export const listAgents = route({
  operationId: 'agents.list',
  method: 'GET',
  path: '/policies/agents',
  tag: 'Local decisions',
  summary: 'The processes that decide by themselves, with the revision that each decides by',
  description:
    'Those of your applications, and of the applications of accounts below you. Keyset-paged, by their owners.',
  auth: 'access',
  action: 'authctl:ListAgents',
  resource: 'account/${caller.path}',
  query: closed({ limit: Type.Optional(PageLimit), cursor: Type.Optional(Cursor) }),
  responses: { 200: { description: 'One page', schema: AgentPage } },
  errors: [],
})
