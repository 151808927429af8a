import { isJustPlace, isSamePlace, type Place } from '../../domain/place.ts'
import type { PlaceQuery, PlaceStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'
import { recordTable, type Row } from './record-table.ts'

const PLACES = recordTable<Place>('places', {
  id: 'id',
  type: 'type',
  name: 'name',
  longitude: 'longitude',
  latitude: 'latitude',
  address: 'address',
  operator: 'operator',
  updatedAt: 'updated_at',
})

/**
 * Without a box a page is read in order from an index. With one, the places of its band of latitudes are read
 * and at most `limit` are kept for sorting: what bounds it is the box, and the directory, which operators
 * import and which does not grow with the accounts.
 */
const listSql = ({ box, type }: PlaceQuery): string => {
  const conditions = ['id > :after']
  if (box !== undefined) {
    const within =
      box.minLongitude <= box.maxLongitude
        ? 'longitude BETWEEN :min_longitude AND :max_longitude'
        : '(longitude >= :min_longitude OR longitude <= :max_longitude)'
    conditions.push(`latitude BETWEEN :min_latitude AND :max_latitude AND ${within}`)
  }
  if (type !== undefined) conditions.push('type = :type')
  return `SELECT * FROM places WHERE ${conditions.join(' AND ')} ORDER BY id LIMIT :limit`
}

const listValues = ({ box, type, after = '', limit }: PlaceQuery) => ({
  limit,
  after,
  ...(box === undefined
    ? {}
    : {
        min_longitude: box.minLongitude,
        max_longitude: box.maxLongitude,
        min_latitude: box.minLatitude,
        max_latitude: box.maxLatitude,
      }),
  ...(type === undefined ? {} : { type }),
})

/** The store of places on SQLite. */
export const createPlaceStore = (db: Database): PlaceStore => {
  const current = db.writing('SELECT * FROM places WHERE id = :id')
  const put = db.writing(
    `${PLACES.insert}
     ON CONFLICT (id) DO UPDATE SET type = excluded.type, name = excluded.name, longitude = excluded.longitude,
       latitude = excluded.latitude, address = excluded.address, operator = excluded.operator, updated_at = excluded.updated_at`,
  )
  const raiseRevision = db.writing(
    "INSERT INTO revisions VALUES ('places', 1) ON CONFLICT (name) DO UPDATE SET revision = revision + 1",
  )
  const takeAway = db.writing('DELETE FROM places WHERE id = :id')
  const revision = db.reading("SELECT revision FROM revisions WHERE name = 'places'")
  const byId = db.reading('SELECT * FROM places WHERE id = :id')

  const upsert = (place: Place): 'created' | 'updated' | 'unchanged' => {
    const row = current.get<Row>({ id: place.id })
    if (row && isSamePlace(PLACES.toRecord(row), place)) return 'unchanged'
    put.run(PLACES.toValues(place))
    return row ? 'updated' : 'created'
  }

  /** Makes a change of what is stored under an id, if that is just what was expected. */
  const changeJust = (id: string, expected: Place | undefined, change: () => void): Promise<boolean> =>
    db.write(() => {
      const row = current.get<Row>({ id })
      if (!isJustPlace(row && PLACES.toRecord(row), expected)) return false
      change()
      raiseRevision.run()
      return true
    })

  return {
    replace: (place, expected) => changeJust(place.id, expected, () => void put.run(PLACES.toValues(place))),
    remove: (expected) => changeJust(expected.id, expected, () => void takeAway.run({ id: expected.id })),
    upsertMany: (places) =>
      db.write(() => {
        const counts = { created: 0, updated: 0, unchanged: 0 }
        for (const place of places) counts[upsert(place)]++
        if (counts.created + counts.updated > 0) raiseRevision.run()
        return counts
      }),
    revision: () => db.read(() => revision.get<{ revision: number }>()?.revision ?? 0),
    get: (id) =>
      db.read(() => {
        const row = byId.get<Row>({ id })
        return row && PLACES.toRecord(row)
      }),
    list: (query) =>
      db.read(() => db.reading(listSql(query)).all<Row>(listValues(query)).map(PLACES.toRecord)),
  }
}
