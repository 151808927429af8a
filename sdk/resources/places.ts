import { readPage, type Page } from '../page.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  AllPlaces,
  Place,
  PlaceCollection,
  PlacePage,
  PlacesImported,
  PlacesListQuery,
} from '../types.gen.ts'

export const places = (sender: Sender) => ({
  /** Creates and replaces places from GeoJSON. */
  import: (body: PlaceCollection, options?: CallOptions): Promise<PlacesImported> =>
    sender.send('places.import', { body }, options),
  /** Every place. */
  all: (options?: CallOptions): Promise<AllPlaces> => sender.send('places.all', {}, options),
  /** Places in a box or near a point; iterate the page to read them all. */
  list: (query: PlacesListQuery = {}, options?: CallOptions): Promise<Page<Place>> =>
    readPage(
      (cursor) => sender.send<PlacePage>('places.list', { query: { ...query, cursor } }, options),
      query.cursor,
    ),
  /** One place. */
  get: (id: string, options?: CallOptions): Promise<Place> =>
    sender.send('places.get', { params: { id } }, options),
})
