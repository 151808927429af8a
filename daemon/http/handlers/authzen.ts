import type { Routes } from '../../contract/routes.ts'
import { isRole, type AccountId } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { createAccess, type AccessDeps } from '../../usecases/access/ask.ts'
import {
  contextOf,
  createEvaluations,
  isTypeOf,
  resourceOf,
  type Evaluation,
} from '../../usecases/access/authzen.ts'
import { createSearches, type Found, type Paging } from '../../usecases/access/search.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import type { Handlers } from '../reply.ts'

type Page = { readonly token?: string | undefined; readonly limit?: number | undefined } | undefined

const DEFAULT_LIMIT = 50
const NOTHING: Found = { items: [], next: null }

const pagingOf = (page: Page, read: (token: string) => Paging['after']): Paging => ({
  after: page?.token ? read(page.token) : undefined,
  limit: page?.limit ?? DEFAULT_LIMIT,
})

const byName = (token: string) => decodeCursor(token, 'string')
const byAge = (token: string) => decodeCursor(token, 'number', 'string')

const answerOf = <T>({ items, next }: Found, toResult: (item: string) => T) => ({
  status: 200,
  body: {
    page: { next_token: next === null ? '' : encodeCursor(next), count: items.length },
    results: items.map(toResult),
  },
})

const toEntity = (resource: string) => {
  const slash = resource.indexOf('/')
  return { type: resource.slice(0, slash), id: resource.slice(slash + 1) }
}

/** What a search finds; nothing where the subject is not one that the caller sees. */
const orNothing = async (finding: Promise<Found>): Promise<Found> => {
  try {
    return await finding
  } catch (error) {
    if (error instanceof Failure && error.code === 'not_found') return NOTHING
    throw error
  }
}

/** Each evaluation with what all have in common. Throws `invalid_request` where a part is missing. */
const completed = (
  parts: readonly Partial<Evaluation>[],
  common: Partial<Evaluation>,
  pointer: (index: number) => string,
): Evaluation[] =>
  parts.map((part, index) => {
    const { subject, action, resource, context } = { ...common, ...part }
    if (subject !== undefined && action !== undefined && resource !== undefined)
      return { subject, action, resource, context }
    const missing = subject === undefined ? 'subject' : action === undefined ? 'action' : 'resource'
    const error = { pointer: `${pointer(index)}/${missing}`, code: 'required', detail: 'It is missing.' }
    throw new Failure('invalid_request', { errors: [error] })
  })

/** The handlers of AuthZEN 1.0: other words for what `access.*` answers. */
export const createAuthzenHandlers = (
  deps: AccessDeps,
  { issuer, publicUrl }: { issuer: string; publicUrl: () => string },
) => {
  const access = createAccess(deps)
  const { evaluate, evaluateMany } = createEvaluations(access)
  const searches = createSearches(deps)

  return {
    'authzen.metadata': () => {
      const base = `${publicUrl()}/access/v1`
      return Promise.resolve({
        status: 200,
        body: {
          policy_decision_point: issuer,
          access_evaluation_endpoint: `${base}/evaluation`,
          access_evaluations_endpoint: `${base}/evaluations`,
          search_subject_endpoint: `${base}/search/subject`,
          search_resource_endpoint: `${base}/search/resource`,
          search_action_endpoint: `${base}/search/action`,
        },
      })
    },

    'authzen.evaluate': async ({ caller, body, origin }) => ({
      status: 200,
      body: await evaluate({ principal: caller, origin }, body),
    }),

    'authzen.evaluateMany': async ({ caller, body, origin }) => {
      const { evaluations = [], options, ...common } = body
      const asking = { principal: caller, origin }
      if (evaluations.length === 0) {
        const [only] = completed([{}], common, () => '')
        return { status: 200, body: only === undefined ? {} : await evaluate(asking, only) }
      }
      const all = completed(evaluations, common, (index) => `/evaluations/${index}`)
      const semantic = options?.evaluations_semantic ?? 'execute_all'
      return { status: 200, body: { evaluations: await evaluateMany(asking, all, semantic) } }
    },

    'authzen.searchSubjects': async ({ caller, body, origin }) => {
      const { type } = body.subject
      if (type !== 'account' && !isRole(type)) return answerOf(NOTHING, toEntity)
      const { after, limit } = pagingOf(body.page, byAge)
      const [createdAt, id] = after ?? []
      const { items, next } = await access.whoCan({
        principal: caller,
        origin,
        question: { action: body.action.name, resource: resourceOf(body.resource), context: contextOf(body) },
        role: isRole(type) ? type : undefined,
        after: after && { createdAt: Number(createdAt), id: String(id) as AccountId },
        limit,
      })
      const found = { items: items.map((each) => each.id), next: next && [next.createdAt, next.id] }
      return answerOf(found, (each) => ({ type, id: each }))
    },

    'authzen.searchResources': async ({ caller, body, origin }) => {
      if (!isTypeOf(body.subject)) return answerOf(NOTHING, toEntity)
      const { type } = body.resource
      const finding = searches.resources(
        { principal: caller, origin },
        { subject: body.subject.id, action: body.action.name, type, context: contextOf(body) },
        pagingOf(body.page, type === 'account' ? byAge : byName),
      )
      return answerOf(await orNothing(finding), toEntity)
    },

    'authzen.searchActions': async ({ caller, body, origin }) => {
      if (!isTypeOf(body.subject)) return answerOf(NOTHING, (name) => ({ name }))
      const finding = searches.actions(
        { principal: caller, origin },
        { subject: body.subject.id, resource: resourceOf(body.resource), context: contextOf(body) },
        pagingOf(body.page, byName),
      )
      return answerOf(await orNothing(finding), (name) => ({ name }))
    },
  } satisfies Partial<Handlers<Routes>>
}
