import type { Box, Place, PlaceKind } from '../../domain/place.ts'

/** Which places a page lists. */
export interface PlaceQuery {
  readonly box?: Box
  readonly type?: PlaceKind
  /** Places with a greater id. */
  readonly after?: string
  readonly limit: number
}

/** Keeps the directory of places. */
export interface PlaceStore {
  /**
   * Creates and replaces by id, all or nothing, and raises the revision if anything changed. Equal places are
   * left alone.
   */
  upsertMany(places: readonly Place[]): Promise<{ created: number; updated: number; unchanged: number }>
  /**
   * Writes one place and raises the revision, if what is there under its id is just `expected` (undefined:
   * nothing). False: something else is there, and nothing was changed.
   */
  replace(place: Place, expected: Place | undefined): Promise<boolean>
  /** Takes a place away and raises the revision. False: what is there is not just `expected`. */
  remove(expected: Place): Promise<boolean>
  /** Grows with every change of the directory. */
  revision(): Promise<number>
  get(id: string): Promise<Place | undefined>
  /** One page, ordered by id. */
  list(query: PlaceQuery): Promise<Place[]>
}
