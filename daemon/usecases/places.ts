import { Failure } from '../domain/failure.ts'
import { boxAround, distanceMetres, type Box, type Place, type PlaceKind } from '../domain/place.ts'
import type { Principal } from '../domain/session.ts'
import { originFields } from './audit.ts'
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

/** The directory of places. */
export const createPlaces = (deps: Pick<Deps, 'store' | 'clock' | 'audit'>) => {
  const { store, clock, audit } = deps
  /** Creates and replaces places by id, as one step. */
  const importMany = async ({
    principal,
    places,
    origin,
  }: {
    principal: Principal
    places: readonly Omit<Place, 'updatedAt'>[]
    origin: RequestOrigin
  }) => {
    const now = clock.now()
    const ids = new Set(places.map((place) => place.id))
    if (ids.size !== places.length) {
      throw new Failure('invalid_request', {
        errors: [{ pointer: '/features', code: 'duplicate_id', detail: 'Two features have the same id.' }],
      })
    }
    if (places.length === 0) return { created: 0, updated: 0, unchanged: 0 }
    const counts = await store.places.upsertMany(places.map((place) => ({ ...place, updatedAt: now })))
    audit.record({
      event: 'places-import',
      outcome: 'success',
      actorId: principal.account.id,
      ...originFields(origin),
    })
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
  const get = async (id: string): Promise<Place> => {
    const place = await store.places.get(id)
    if (place === undefined) throw new Failure('not_found')
    return place
  }

  return { importMany, readAll, list, get }
}
