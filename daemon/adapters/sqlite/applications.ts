import type { Application, ApplicationId, ServiceKey } from '../../domain/application.ts'
import { StoreFailure, type ApplicationQuery, type ApplicationStore } from '../../ports/stores/index.ts'
import { createLineageOf } from './accounts.ts'
import type { Database } from './database.ts'
import { recordTable, type Row } from './record-table.ts'

const APPLICATIONS = recordTable<Application>('applications', {
  id: 'id',
  ownerId: 'owner_id',
  ownerPath: 'owner_path',
  name: 'name',
  status: 'status',
  policies: { json: 'policies' },
  keys: { json: 'keys' },
  publicKeys: { json: 'public_keys' },
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  version: 'version',
})

type Used = Pick<ServiceKey, 'id' | 'lastUsedAt'>

/** The columns that an update writes. */
const CHANGEABLE = ['name', 'status', 'policies', 'keys', 'public_keys', 'updated_at'] as const

/** From the index of the owner, of the scope, or of all: each is in the order of the ids. */
const listSql = ({ scope, ownerId }: ApplicationQuery): string => {
  const isScoped = ownerId === undefined && scope !== null
  const from = isScoped
    ? 'application_scopes AS scopes CROSS JOIN applications ON applications.id = scopes.id'
    : 'applications'
  const id = isScoped ? 'scopes.id' : 'applications.id'
  const conditions = [
    ...(ownerId === undefined ? [] : ['applications.owner_id = :owner']),
    ...(isScoped ? ['scopes.scope = :scope'] : []),
    `${id} > :after`,
  ]
  return `SELECT applications.* FROM ${from} WHERE ${conditions.join(' AND ')} ORDER BY ${id} LIMIT :limit`
}

const listValues = ({ scope, ownerId, after = '' as ApplicationId, limit }: ApplicationQuery) => ({
  limit,
  after,
  ...(ownerId === undefined ? {} : { owner: ownerId }),
  ...(ownerId === undefined && scope !== null ? { scope } : {}),
})

/** The store of applications on SQLite. */
export const createApplicationStore = (db: Database): ApplicationStore => {
  const insert = db.writing(APPLICATIONS.insert)
  const owner = db.writing('SELECT 1 FROM accounts WHERE id = :id')
  const countOf = db.writing('SELECT count(*) AS count FROM applications WHERE owner_id = :id')
  const current = db.writing('SELECT * FROM applications WHERE id = :id')
  const update = db.writing(
    `UPDATE applications SET ${CHANGEABLE.map((name) => `${name} = :${name}`).join(', ')}, version = version + 1
     WHERE id = :id AND version = :version RETURNING *`,
  )
  const setKeys = db.writing(
    'UPDATE applications SET keys = :keys, public_keys = :public_keys WHERE id = :id',
  )
  const remove = db.writing('DELETE FROM applications WHERE id = :id')
  const byId = db.reading('SELECT * FROM applications WHERE id = :id')
  const naming = db.reading('SELECT id FROM application_policies WHERE policy = :policy LIMIT 1')
  const remembered = db.cache.memory<Application>('applications')
  const lineageOf = createLineageOf(db)

  /** The application, for use inside `readRemembered`. */
  const getKnown = (id: ApplicationId): Application | undefined =>
    remembered(id, () => {
      const row = byId.get<Row>({ id })
      return row && APPLICATIONS.toRecord(row)
    })

  /** The application, for use inside `write`. */
  const getCurrent = (id: ApplicationId): Application | undefined => {
    const row = current.get<Row>({ id })
    return row && APPLICATIONS.toRecord(row)
  }

  return {
    insert: (application, most) =>
      db.write(() => {
        const { ownerId: id } = application
        if (owner.get({ id }) === undefined) throw new StoreFailure('not_found', 'the owner is gone')
        if ((countOf.get<{ count: number }>({ id })?.count ?? 0) >= most)
          throw new StoreFailure('conflict', 'the owner has as many applications as it may have')
        insert.run(APPLICATIONS.toValues(application))
      }),

    get: (id) => db.readRemembered(() => getKnown(id)),

    getOwned: (id) =>
      db.readRemembered(() => {
        const application = getKnown(id)
        return application && { application, lineage: lineageOf(application.ownerId) }
      }),

    list: (query) =>
      db.read(() => db.readingShape(listSql(query)).all<Row>(listValues(query)).map(APPLICATIONS.toRecord)),

    update: ({ id, version, fields, now }) =>
      db.write(() => {
        const present = getCurrent(id)
        if (present === undefined) throw new StoreFailure('not_found', 'no such application')
        const next = APPLICATIONS.toValues({ ...present, ...fields, updatedAt: now })
        const values = Object.fromEntries(CHANGEABLE.map((name) => [name, next[name] ?? null]))
        const changed = update.get<Row>({ id, version, ...values })
        if (!changed) throw new StoreFailure('stale', 'the application was changed meanwhile')
        return APPLICATIONS.toRecord(changed)
      }),

    noteUse: ({ id, keyId, now, before }) =>
      db.write(() => {
        const isDue = (key: Used): boolean =>
          key.id === keyId && (key.lastUsedAt === null || key.lastUsedAt <= before)
        const noted = <K extends Used>(keys: readonly K[]): readonly K[] =>
          keys.map((key) => (isDue(key) ? { ...key, lastUsedAt: now } : key))
        const { keys = [], publicKeys = [] } = getCurrent(id) ?? {}
        if ([...keys, ...publicKeys].some(isDue))
          setKeys.run({
            id,
            keys: JSON.stringify(noted(keys)),
            public_keys: JSON.stringify(noted(publicKeys)),
          })
      }),

    delete: (id) => db.write(() => remove.run({ id }) === 1),

    findNaming: (policy) => db.read(() => naming.get<{ id: ApplicationId }>({ policy })?.id),
  }
}
