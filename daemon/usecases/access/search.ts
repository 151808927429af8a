import type { Context, OwnedLayer } from '../../../policies/index.ts'
import type { AccountId } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Lineage } from '../../domain/session.ts'
import { createBreather } from '../breather.ts'
import { createFilterAccounts, dominatedBy } from '../accounts/list.ts'
import { answer, type ForeignQuestion } from './answer.ts'
import type { AccessDeps } from './ask.ts'
import { layersOf } from './authorize.ts'
import { createSubjects, type Asking } from './subject.ts'

/** What a search found on one page: `next` is the position to go on from, null at the end. */
export interface Found {
  readonly items: readonly string[]
  readonly next: readonly (string | number)[] | null
}

/** The page that is asked for. */
export interface Paging {
  readonly after: readonly (string | number)[] | undefined
  readonly limit: number
}

/** How many objects one call decides about, at most. */
const MAX_DECIDED = 1000

const IS_PATTERN = /[*?]|\$\{/

/** The resources of a type that these layers name without a wildcard, in their order. */
const namedResources = (layers: readonly OwnedLayer[], type: string): string[] => {
  const named = layers.flatMap(({ layer }) => layer.statements.flatMap(({ resource }) => resource.sources))
  return [...new Set(named.filter((text) => text.startsWith(`${type}/`) && !IS_PATTERN.test(text)))].sort()
}

const pageOf = (all: readonly string[], { after, limit }: Paging): Found => {
  const last = after?.[0]
  const rest = typeof last === 'string' ? all.filter((each) => each > last) : all
  const items = rest.slice(0, limit)
  return { items, next: rest.length > limit ? [items.at(-1) ?? ''] : null }
}

/** Whether a failure says that the question lacks what its action needs. */
const isIncomplete = (error: unknown): boolean => error instanceof Failure && error.code === 'invalid_request'

/** Looks for what somebody may do, and to what. */
export const createSearches = (deps: AccessDeps) => {
  const { policies, store } = deps
  const { subjectOf, contextOf, knownOf } = createSubjects(deps)
  const filter = createFilterAccounts(deps)

  /** Decides about one subject by one state of the policies. */
  const deciderOf =
    (asking: Asking, lineage: Lineage, snapshot: PolicySnapshot) => (asked: ForeignQuestion) => {
      const question = knownOf(snapshot, lineage, asked)
      const context = contextOf(snapshot, asking, { subject: lineage, question })
      return answer(snapshot, lineage, { ...question, context }).allowed
    }

  /** The declared actions that the subject may do to a resource. Throws `not_found`, `forbidden`. */
  const actions = async (
    asking: Asking,
    asked: { subject: string; resource: string; context: Context },
    paging: Paging,
  ): Promise<Found> => {
    const lineage = await subjectOf(asking, asked.subject)
    const snapshot = policies.current()
    const catalogue = snapshot.catalogueOf(lineage.account)
    const [type = ''] = asked.resource.split('/')
    const isAllowed = deciderOf(asking, lineage, snapshot)
    const may = (action: string): boolean => {
      // What is said may be of other actions; each is asked with what it knows.
      try {
        return isAllowed({ action, resource: asked.resource, context: asked.context })
      } catch (error) {
        if (isIncomplete(error)) return false
        throw error
      }
    }
    const breathe = createBreather()
    const found: string[] = []
    for (const { name, resources } of catalogue.actions.values()) {
      if (!resources.includes(type)) continue
      await breathe()
      if (may(name)) found.push(name)
    }
    return pageOf(found.sort(), paging)
  }

  type Places = Awaited<ReturnType<typeof store.places.list>>

  const places = async (may: (resource: string) => boolean, { after, limit }: Paging): Promise<Found> => {
    const breathe = createBreather()
    const items: string[] = []
    let last = typeof after?.[0] === 'string' ? after[0] : undefined
    for (let examined = 0; examined < MAX_DECIDED;) {
      const read: Places = await store.places.list({ ...(last !== undefined && { after: last }), limit: 200 })
      for (const { id } of read) {
        await breathe()
        if (items.length === limit) return { items, next: last === undefined ? null : [last] }
        if (may(`place/${id}`)) items.push(`place/${id}`)
        last = id
      }
      examined += read.length
      if (read.length < 200) return { items, next: null }
    }
    return { items, next: last === undefined ? null : [last] }
  }

  const accounts = async (
    { principal }: Asking,
    may: (resource: string) => boolean,
    { after: position, limit }: Paging,
  ): Promise<Found> => {
    const [createdAt, id] = position ?? []
    const after =
      typeof createdAt === 'number' && typeof id === 'string' ? { createdAt, id: id as AccountId } : undefined
    const query = { ...dominatedBy(principal.account), ...(after && { after }), limit }
    const isWanted = ({ path }: { path: string }) => may(`account/${path}`)
    const { items, next } = await filter(query, { isWanted, maxExamined: MAX_DECIDED })
    return { items: items.map(({ path }) => `account/${path}`), next: next && [next.createdAt, next.id] }
  }

  /**
   * The resources of a type to which the subject may do something: accounts that the asker dominates and
   * places among all there are, others among those that the policies of the subject name. Throws
   * `not_found`, `forbidden`, `invalid_request`.
   */
  const resources = async (
    asking: Asking,
    asked: Omit<ForeignQuestion, 'resource'> & { readonly subject: string; readonly type: string },
    paging: Paging,
  ): Promise<Found> => {
    const { subject, type, ...question } = asked
    const lineage = await subjectOf(asking, subject)
    const snapshot = policies.current()
    const isAllowed = deciderOf(asking, lineage, snapshot)
    const may = (resource: string): boolean => isAllowed({ ...question, resource })
    if (type === 'account') return accounts(asking, may, paging)
    if (type === 'place') return places(may, paging)
    const named = namedResources(layersOf(snapshot, lineage), type)
    const breathe = createBreather()
    const found: string[] = []
    for (const resource of named) {
      await breathe()
      if (may(resource)) found.push(resource)
    }
    return pageOf(found, paging)
  }

  return { actions, resources }
}
