import { canonicalJson } from '../../../policies/index.ts'
import type { Routes } from '../../contract/routes.ts'
import { isRole, type AccountId } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { createAccess, type AccessDeps } from '../../usecases/access/ask.ts'
import {
  contextOf,
  createEvaluations,
  isTypeOf,
  ofActionOf,
  resourceOf,
  type Evaluation,
} from '../../usecases/access/authzen.ts'
import { createSearches, type Found, type Paging } from '../../usecases/access/search.ts'
import { encodeCursor, readCursor } from '../cursor.ts'
import type { Handlers } from '../reply.ts'

type Page = { readonly token?: string | undefined; readonly limit?: number | undefined } | undefined
type Position = NonNullable<Paging['after']>

/** So many tell one question of a caller from the next. */
const MARK_CHARACTERS = 16
const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200
const NOTHING: Found = { items: [], next: null }

const BY_NAME = ['string'] as const
const BY_AGE = ['number', 'string'] as const

/** What a page was asked for: its token is none for another question. */
interface Search {
  /** Tells its question from others; no secret. */
  readonly mark: string
  readonly page: Page
}

/** Where a page begins. Throws `invalid_request` for a token that is none, or of another question. */
const positionOf = (
  { mark, page }: Search,
  types: readonly ('string' | 'number')[],
): Position | undefined => {
  const cursor = page?.token ?? ''
  if (cursor === '' || cursor === encodeCursor([mark])) return undefined
  const [asked, ...position] = readCursor(cursor, ['string', ...types]) ?? []
  if (asked === mark) return position
  const detail = 'Use the `next_token` of the page before, and ask the same again.'
  throw new Failure('invalid_request', { errors: [{ pointer: '/page/token', code: 'cursor', detail }] })
}

/** The page that is asked for. Where no result is wanted, it is looked whether there is one. */
const pagingOf = (search: Search, types: readonly ('string' | 'number')[]): Paging => ({
  after: positionOf(search, types),
  limit: Math.min(MAX_LIMIT, Math.max(1, search.page?.limit ?? DEFAULT_LIMIT)),
})

const answerOf = <T>({ mark, page }: Search, found: Found, toResult: (item: string) => T) => {
  const isLookedAt = page?.limit === 0
  const items = isLookedAt ? [] : found.items
  const here = page?.token ? page.token : encodeCursor([mark])
  const on = found.next === null ? '' : encodeCursor([mark, ...found.next])
  const next = isLookedAt && found.items.length > 0 ? here : on
  return {
    status: 200,
    body: { page: { next_token: next, count: items.length }, results: items.map(toResult) },
  }
}

const toEntity = (resource: string) => {
  const slash = resource.indexOf('/')
  return { type: resource.slice(0, slash), id: resource.slice(slash + 1) }
}

/** Nothing can be found of what is not there, is not seen, or is declared by no service. */
const orNothing = async (finding: Promise<Found>): Promise<Found> => {
  try {
    return await finding
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code === 'not_found' || error.errors?.[0]?.code === 'unknown_action') return NOTHING
    throw error
  }
}

type Parts = {
  readonly [Name in 'subject' | 'action' | 'resource']?: Partial<Evaluation[Name]> | undefined
} & Pick<Evaluation, 'context'>

const NAMES = {
  subject: ['type', 'id'],
  action: ['name'],
  resource: ['type', 'id'],
} as const

/**
 * An evaluation with what all have in common: a part of its own counts, and lacks only by what it is named.
 * Answers `invalid_request` as a failure where that is nowhere.
 */
const completed = (part: Parts, common: Parts, pointer: string): Evaluation | Failure => {
  const whole: Record<string, unknown> = { context: part.context ?? common.context }
  for (const [name, members] of Object.entries(NAMES) as [keyof typeof NAMES, readonly string[]][]) {
    const [own, shared] = [part[name], common[name]] as (Record<string, unknown> | undefined)[]
    const entity = { ...(own ?? shared) }
    const isThere = own !== undefined || shared !== undefined
    for (const member of members) {
      entity[member] ??= shared?.[member]
      if (entity[member] !== undefined) continue
      const missing = `${pointer}/${name}${isThere ? `/${member}` : ''}`
      const error = { pointer: missing, code: 'required', detail: 'It is missing.' }
      return new Failure('invalid_request', { errors: [error] })
    }
    whole[name] = entity
  }
  return whole as unknown as Evaluation
}

/** The handlers of AuthZEN 1.0: other words for what `access.*` answers. */
export const createAuthzenHandlers = (
  deps: AccessDeps,
  { issuer, publicUrl }: { issuer: string; publicUrl: () => string },
) => {
  const access = createAccess(deps)
  const { evaluate, evaluateMany } = createEvaluations(access)
  const searches = createSearches(deps)
  const searchOf = (page: Page, question: readonly unknown[]): Search => ({
    mark: deps.vault.digest(canonicalJson(question)).slice(0, MARK_CHARACTERS),
    page,
  })

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
        const only = completed({}, common, '')
        if (only instanceof Failure) throw only
        return { status: 200, body: await evaluate(asking, only) }
      }
      const all = evaluations.map((each, index) => completed(each, common, `/evaluations/${index}`))
      const semantic = options?.evaluations_semantic ?? 'execute_all'
      return { status: 200, body: { evaluations: await evaluateMany(asking, all, semantic) } }
    },

    'authzen.searchSubjects': async ({ caller, body, origin }) => {
      const { subject, action, page, ...rest } = body
      const { type } = subject
      const [resource, context, ofAction] = [resourceOf(rest.resource), contextOf(rest), ofActionOf(action)]
      const search = searchOf(page, ['subject', type, action.name, resource ?? null, context, ofAction])
      const toSubject = (id: string) => ({ type, id })
      const { after, limit } = pagingOf(search, BY_AGE)
      if (resource === undefined || (type !== 'account' && !isRole(type)))
        return answerOf(search, NOTHING, toSubject)
      const [createdAt, id] = after ?? []
      const finding = access.whoCan({
        principal: caller,
        origin,
        question: { action: action.name, resource, context, ofAction },
        role: isRole(type) ? type : undefined,
        after: after && { createdAt: Number(createdAt), id: String(id) as AccountId },
        limit,
        passesOverForeign: true,
      })
      const found = finding.then(({ items, next }) => ({
        items: items.map((each) => each.id),
        next: next && [next.createdAt, next.id],
      }))
      return answerOf(search, await orNothing(found), toSubject)
    },

    'authzen.searchResources': async ({ caller, body, origin }) => {
      const { subject, action, page, ...rest } = body
      const { type } = rest.resource
      const [context, ofAction] = [contextOf(rest), ofActionOf(action)]
      const search = searchOf(page, ['resource', subject.id, action.name, type, context, ofAction])
      const paging = pagingOf(search, type === 'account' ? BY_AGE : BY_NAME)
      if (!isTypeOf(subject)) return answerOf(search, NOTHING, toEntity)
      const asked = { subject: subject.id, action: action.name, type, context, ofAction }
      const finding = searches.resources({ principal: caller, origin }, asked, paging)
      return answerOf(search, await orNothing(finding), toEntity)
    },

    'authzen.searchActions': async ({ caller, body, origin }) => {
      const { subject, page, ...rest } = body
      const [resource, context] = [resourceOf(rest.resource), contextOf(rest)]
      const search = searchOf(page, ['action', subject.id, resource ?? null, context])
      const toAction = (name: string) => ({ name })
      const paging = pagingOf(search, BY_NAME)
      if (resource === undefined || !isTypeOf(subject)) return answerOf(search, NOTHING, toAction)
      const asked = { subject: subject.id, resource, context }
      const finding = searches.actions({ principal: caller, origin }, asked, paging)
      return answerOf(search, await orNothing(finding), toAction)
    },
  } satisfies Partial<Handlers<Routes>>
}
