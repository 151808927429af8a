import { Failure, notFound } from '../domain/failure.ts'
import {
  boxAround,
  distanceMetres,
  isSamePlace,
  placeText,
  type Box,
  type Place,
  type PlaceKind,
} from '../domain/place.ts'
import { requireMatch, type Precondition } from '../domain/precondition.ts'
import type { Principal } from '../domain/session.ts'
import { actorFields } from './audit.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'
import type { Deps } from './deps.ts'

/** Places of one read while the whole directory is streamed. */
const STREAM_PAGE = 1000
/** Places within a radius that are sorted by distance; a denser area needs a smaller radius or a box. */
const MAX_NEAR_CANDIDATES = 20_000

/** A place with its distance from the point of the query. */
export interface Nearby extends Place {
  readonly distanceMetres?: number
}

/** The filters of a list of places, and the id after which its page begins. */
export interface ListPlacesRequest {
  readonly box?: Box | undefined
  readonly near?:
    { readonly longitude: number; readonly latitude: number; readonly radiusMetres: number } | undefined
  readonly type?: PlaceKind | undefined
  readonly limit: number
  /** The last place of the page before. */
  readonly after?: { readonly id: string; readonly distanceMetres?: number | undefined } | undefined
}

type ByDistance = Nearby & { readonly distanceMetres: number }

const byDistanceThenId = (a: ByDistance, b: ByDistance): number =>
  a.distanceMetres - b.distanceMetres || (a.id < b.id ? -1 : 1)

const isAfter = (place: ByDistance, after: ListPlacesRequest['after']): boolean =>
  after?.distanceMetres === undefined ||
  place.distanceMetres > after.distanceMetres ||
  (place.distanceMetres === after.distanceMetres && place.id > after.id)

/** Who changes the directory, and from where. */
interface Writing {
  readonly principal: Principal
  readonly origin: RequestOrigin
}

/** A place with what identifies just this state of it. */
export interface TaggedPlace {
  readonly place: Place
  readonly hash: string
}

/** The directory of places. */
export const createPlaces = (deps: Pick<Deps, 'store' | 'clock' | 'audit' | 'vault'>) => {
  const { store, clock, audit, vault } = deps
  const tagged = (place: Place): TaggedPlace => ({ place, hash: vault.digest(placeText(place)) })

  const record = (event: string, { principal, origin }: Writing, targetId?: string): void =>
    audit.record({
      event,
      outcome: 'success',
      ...actorFields(principal, origin),
      ...(targetId === undefined ? {} : { targetId }),
    })

  /** Creates and replaces places by id, as one step. */
  const importMany = async ({
    places,
    ...writing
  }: Writing & { places: readonly Omit<Place, 'updatedAt'>[] }) => {
    const now = clock.now()
    const ids = new Set(places.map((place) => place.id))
    if (ids.size !== places.length) {
      throw new Failure('invalid_request', {
        errors: [{ pointer: '/features', code: 'duplicate_id', detail: 'Two features have the same id.' }],
      })
    }
    if (places.length === 0) return { created: 0, updated: 0, unchanged: 0 }
    const counts = await store.places.upsertMany(places.map((place) => ({ ...place, updatedAt: now })))
    record('places-import', writing)
    return counts
  }

  /** The directory's revision and all its places, page by page in order of id. */
  const readAll = async (): Promise<{ revision: number; pages: () => AsyncGenerator<Place[]> }> => ({
    revision: await store.places.revision(),
    pages: async function* () {
      let page = await store.places.list({ limit: STREAM_PAGE })
      while (page.length > 0) {
        yield page
        const last = page.at(-1)
        page =
          page.length < STREAM_PAGE || !last
            ? []
            : await store.places.list({ after: last.id, limit: STREAM_PAGE })
      }
    },
  })

  /** One page of places, by id, or nearest first when `near` is given. */
  const list = async ({
    box,
    near,
    type,
    limit,
    after,
  }: ListPlacesRequest): Promise<{ items: Nearby[]; hasMore: boolean }> => {
    const ofType = type === undefined ? {} : { type }
    if (near === undefined) {
      const within = box === undefined ? {} : { box }
      const onwards = after === undefined ? {} : { after: after.id }
      const found = await store.places.list({ ...within, ...ofType, ...onwards, limit: limit + 1 })
      return { items: found.slice(0, limit), hasMore: found.length > limit }
    }
    const candidates = await store.places.list({
      box: boxAround(near, near.radiusMetres),
      ...ofType,
      limit: MAX_NEAR_CANDIDATES,
    })
    const found = candidates
      .map((place) => ({ ...place, distanceMetres: Math.round(distanceMetres(near, place) * 10) / 10 }))
      .filter((place) => place.distanceMetres <= near.radiusMetres && isAfter(place, after))
      .sort(byDistanceThenId)
    return { items: found.slice(0, limit), hasMore: found.length > limit }
  }

  /** One place. Throws `not_found`. */
  const get = async (id: string): Promise<TaggedPlace> => tagged((await store.places.get(id)) ?? notFound())

  /** Adds a place. Throws `place_exists`. */
  const create = async ({
    fields,
    ...writing
  }: Writing & { fields: Omit<Place, 'updatedAt'> }): Promise<TaggedPlace> => {
    const place = { ...fields, updatedAt: clock.now() }
    if (!(await store.places.replace(place, undefined))) throw new Failure('place_exists')
    record('place-create', writing, place.id)
    return tagged(place)
  }

  /**
   * Adds a place, or replaces the one that the caller says it knows. Throws `precondition_failed` and
   * `precondition_required`.
   */
  const put = async ({
    fields,
    precondition,
    ...writing
  }: Writing & { fields: Omit<Place, 'updatedAt'>; precondition: Precondition }): Promise<
    TaggedPlace & { created: boolean }
  > => {
    const present = await store.places.get(fields.id)
    requireMatch(precondition, present && tagged(present).hash)
    if (present !== undefined && isSamePlace(present, fields)) return { ...tagged(present), created: false }
    const place = { ...fields, updatedAt: clock.now() }
    if (!(await store.places.replace(place, present))) throw new Failure('precondition_failed')
    record('place-put', writing, place.id)
    return { ...tagged(place), created: present === undefined }
  }

  /**
   * Takes a place away; with a condition, only in the state that it names. Throws `not_found` and
   * `precondition_failed`.
   */
  const remove = async ({
    id,
    precondition,
    ...writing
  }: Writing & { id: string; precondition: Precondition }): Promise<void> => {
    const isConditional = precondition.ifMatch !== undefined || precondition.ifNoneMatch !== undefined
    for (;;) {
      const { place, hash } = await get(id)
      if (isConditional) requireMatch(precondition, hash)
      if (await store.places.remove(place)) break
      // Somebody has changed it meanwhile. Without a condition that makes no difference.
      if (isConditional) throw new Failure('precondition_failed')
    }
    record('place-delete', writing, id)
  }

  return { importMany, readAll, list, get, create, put, remove }
}
