import type { Document } from 'mongodb'
import type { Account, AccountId } from '../../domain/account.ts'
import type { Application, ApplicationId } from '../../domain/application.ts'
import type { Counted } from '../../domain/charge.ts'
import {
  type Archived,
  type ArchiveRecord,
  type ArchiveWriter,
  type MoveProgress,
  TargetTaken,
} from '../../ports/archive.ts'
import { LIVE, toAccount, toPending } from './account-documents.ts'
import { NOT_ENDED, toApplication, toApplicationDoc } from './applications.ts'
import { namesOf, reservation } from './account-insertion.ts'
import {
  collectionsOf,
  type AccountDoc,
  type ApplicationDoc,
  type CollectionName,
  type LimitDoc,
  type OtpDoc,
} from './collections.ts'
import { Connection } from './connection.ts'
import { LEDGER_ID, toFields, toWindows } from './charges.ts'
import { migrate } from './migrations.ts'

type Value = ArchiveRecord['value']

const without = (document: object, ...names: string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)))

interface Form {
  readonly collection: CollectionName
  /** The document of a record, without its `_id`; the record as it is where there is none. */
  readonly toDocument?: (record: ArchiveRecord) => Document
  readonly toValue?: (document: Document) => Value
  /** Documents of the collection that are not records. */
  readonly filter?: Document
  readonly toId?: (record: ArchiveRecord) => string
  readonly toKey?: (document: Document) => string
}

const accountOf = ({ key, value }: ArchiveRecord): Account => ({
  ...(value as Omit<Account, 'id'>),
  id: key as AccountId,
})

const limitDocument = ({ value }: ArchiveRecord): Document => ({
  expiresAt: value['expiresAt'],
  ...toFields(value['windows'] as Counted[]),
})

const limitValue = (document: Document): Value => {
  const limit = document as LimitDoc
  return { windows: toWindows(limit), expiresAt: limit.expiresAt }
}

const otpDocument = ({ value }: ArchiveRecord): Document => {
  const { sealedCode, ...code } = value
  const removableAt = Math.max(...['expiresAt', 'triesUntil', 'wrongUntil'].map((name) => Number(code[name])))
  return { ...code, removableAt, ...(sealedCode === null ? {} : { sealedCode }) }
}

const otpValue = (document: Document): Value => {
  const { sealedCode } = document as OtpDoc
  return { ...without(document, 'removableAt'), sealedCode: sealedCode ?? null }
}

/** How each kind of record is kept: a collection, and what its documents have other than the record. */
export const FORMS: Readonly<Record<Archived, Form>> = {
  signingKeys: {
    collection: 'signing_keys',
    toId: ({ value }) => String(value['sequence']),
    toKey: (document) => String(document['kid']),
  },
  accounts: {
    collection: 'accounts',
    filter: LIVE,
    toDocument: (record) => {
      return { ...without(toPending(accountOf(record)), '_id', 'pendingSince'), ...LIVE }
    },
    toValue: (document) => {
      return without(toAccount(document as AccountDoc), 'id')
    },
  },
  applications: {
    collection: 'applications',
    filter: NOT_ENDED,
    toDocument: ({ key, value }) =>
      without(toApplicationDoc({ ...(value as Omit<Application, 'id'>), id: key as ApplicationId }), '_id'),
    toValue: (document) => without(toApplication(document as ApplicationDoc), 'id'),
  },
  refreshKeys: { collection: 'refresh_keys' },
  sessions: { collection: 'sessions' },
  otps: { collection: 'otps', toDocument: otpDocument, toValue: otpValue },
  limits: {
    collection: 'limits',
    filter: { _id: { $ne: LEDGER_ID } },
    toDocument: limitDocument,
    toValue: limitValue,
  },
  idempotency: { collection: 'idempotency' },
  leases: { collection: 'leases', filter: { _id: { $ne: 'schema' } } },
  policyTexts: { collection: 'policy_texts', toValue: (document) => without(document, 'keptAt') },
  policyHeads: { collection: 'policy_heads' },
  places: {
    collection: 'places',
    filter: { deletedAt: { $exists: false } },
    toDocument: ({ value }) => ({ ...value, revision: 0 }),
    toValue: (document) => without(document, 'revision'),
  },
  revisions: {
    collection: 'guards',
    filter: { _id: 'places' },
    toDocument: ({ value }) => ({ ...value, importing: null }),
    toValue: ({ revision }) => ({ revision: revision as unknown }),
  },
  daemons: { collection: 'daemons' },
  devices: { collection: 'devices' },
  spent: { collection: 'spent', toValue: (document) => ({ path: null, ...document }) },
  agents: { collection: 'agents' },
}

const IMPORT = 'import'

/**
 * Opens a database that is to be filled, creating its schema. Throws when it cannot be reached or has a newer
 * schema.
 */
export const openMongoArchive = async (uri: string): Promise<ArchiveWriter> => {
  const connection = new Connection(uri)
  const { db } = connection
  try {
    await migrate(db, await connection.inspect())
  } catch (error) {
    await connection.close()
    throw error
  }
  const { accounts, reservations, guards } = collectionsOf(db)

  /** The names of accounts, reserved before the accounts are there, as an insertion would. */
  const reserve = async (records: readonly ArchiveRecord[]): Promise<void> => {
    const operations = records.flatMap((record) => {
      const account = accountOf(record)
      return namesOf(account).map((name) => reservation(name, account.id))
    })
    if (operations.length > 0) await reservations.bulkWrite(operations, { ordered: false })
  }

  const put = async (kind: Archived, records: readonly ArchiveRecord[]): Promise<void> => {
    const { collection, toDocument, toId } = FORMS[kind]
    if (kind === 'accounts') await reserve(records)
    const operations = records.map((record) => ({
      replaceOne: {
        filter: { _id: toId?.(record) ?? record.key },
        replacement: toDocument?.(record) ?? { ...record.value },
        upsert: true,
      },
    }))
    if (operations.length > 0)
      await db.collection<{ _id: string }>(collection).bulkWrite(operations, { ordered: false })
  }

  return {
    begin: async (source) => {
      const present = (await guards.findOne({ _id: IMPORT })) as ({ finished: boolean } & MoveProgress) | null
      const isForeign =
        present === null
          ? (await accounts.findOne({})) !== null
          : present.finished || present.source !== source
      if (isForeign)
        throw new TargetTaken('the MongoDB database is not empty: name another database in MONGO_DB_URI')
      const first = { source, kind: 'signingKeys', after: null } as const
      if (present === null) await guards.insertOne({ _id: IMPORT, finished: false, ...first })
      return present === null ? first : { source, kind: present.kind, after: present.after }
    },

    write: async (records, progress) => {
      await put(progress.kind, records)
      await guards.updateOne({ _id: IMPORT, finished: false }, { $set: { ...progress } })
    },

    read: async (kind, after, limit) => {
      const { collection, toValue, filter = {}, toKey } = FORMS[kind]
      const from = db.collection<{ _id: string }>(collection)
      if (toKey !== undefined) {
        const all = (await from.find(filter).toArray()).map((document) => ({
          key: toKey(document),
          value: without(document, '_id'),
        }))
        return all
          .filter(({ key }) => after === undefined || key > after)
          .sort((a, b) => (a.key < b.key ? -1 : 1))
          .slice(0, limit)
      }
      const page = after === undefined ? filter : { $and: [filter, { _id: { $gt: after } }] }
      const documents = await from.find(page).sort({ _id: 1 }).limit(limit).toArray()
      return documents.map((document) => {
        const { _id, ...value } = document
        return { key: _id, value: toValue?.(kind === 'accounts' ? document : value) ?? value }
      })
    },

    finish: async () => {
      await guards.updateOne({ _id: IMPORT }, { $set: { finished: true } })
    },

    close: () => connection.close(),
  }
}
