import * as operations from '../operations.gen.ts'
import { listPages, type Page } from '../page.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  AllPlaces,
  Detail,
  Place,
  PlaceCollection,
  PlaceFeature,
  PlacesImported,
  PlacesListQuery,
} from '../types.gen.ts'

/** The operations of the places directory. */
export const places = (sender: Sender) => ({
  /** Creates and replaces places from GeoJSON. */
  import: (body: PlaceCollection, options?: CallOptions): Promise<PlacesImported> =>
    sender.send(operations.placesImport, { body }, options),
  /** Every place. */
  all: (options?: CallOptions): Promise<AllPlaces> => sender.send(operations.placesAll, {}, options),
  /** Places in a box or near a point; iterate the page to read them all. */
  list: (query?: PlacesListQuery, options?: CallOptions): Promise<Page<Place>> =>
    listPages(sender, operations.placesList, query, options),
  /** One place. */
  get: (id: string, options?: CallOptions): Promise<Place> =>
    sender.send(operations.placesGet, { params: { id } }, options),
  /** Adds a place from a GeoJSON feature. */
  create: (body: PlaceFeature, options?: CallOptions): Promise<Place> =>
    sender.send(operations.placesCreate, { body }, options),
  /** Adds a place, or with `ifMatch` (its `hash`) replaces it. */
  put: (id: string, body: PlaceFeature, options?: CallOptions): Promise<Place> =>
    sender.send(operations.placesPut, { params: { id }, body }, options),
  /** Takes a place away; with `ifMatch` only as it was read. */
  delete: (id: string, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.placesDelete, { params: { id } }, options),
})
