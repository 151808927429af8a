import {
  withoutHash,
  type Account,
  type AccountId,
  type KnownAccount,
  type Phone,
  type Role,
} from '../../domain/account.ts'
import { usernameSkeletons } from '../../domain/confusables.ts'
import { lineageIds } from '../../domain/tree.ts'
import { StoreFailure, type AccountQuery, type AccountStore } from '../../ports/stores/index.ts'
import { listSql, listValues } from './account-list.ts'
import type { Database } from './database.ts'
import { recordTable, type Row } from './record-table.ts'

const ACCOUNTS = recordTable<Account>('accounts', {
  id: 'id',
  role: 'role',
  name: 'name',
  username: 'username',
  usernameKey: 'username_key',
  phone: 'phone',
  email: 'email',
  parentId: 'parent_id',
  path: 'path',
  status: 'status',
  attributes: { json: 'attributes' },
  policies: { json: 'policies' },
  boundary: 'boundary',
  passwordHash: 'password_hash',
  epoch: 'epoch',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  version: 'version',
})

const { toRecord: toAccount, toValues: toRow } = ACCOUNTS

/** Inserts an account and what its name looks like, for use inside `write`. */
const createAccountInsertion = (db: Database): ((account: Account) => void) => {
  const insert = db.writing(ACCOUNTS.insert)
  const insertSkeleton = db.writing('INSERT INTO username_skeletons VALUES (:skeleton, :id)')
  return (account) => {
    const { id, username, usernameKey } = account
    insert.run(toRow(account))
    if (usernameKey === null) return
    for (const skeleton of usernameSkeletons(username ?? usernameKey, usernameKey))
      insertSkeleton.run({ skeleton, id })
  }
}

/** What a sign-in by code needs of the accounts, for use inside `write`. */
export const createPhoneHolders = (db: Database) => {
  const byPhone = db.writing('SELECT * FROM accounts WHERE role = :role AND phone = :phone')
  const byId = db.writing('SELECT * FROM accounts WHERE id = :id')
  return {
    insert: createAccountInsertion(db),
    find: (role: Role, phone: Phone): Account | undefined => {
      const row = byPhone.get<Row>({ role, phone })
      return row && toAccount(row)
    },
    /** The account and those above it that exist, top first. */
    lineageOf: (account: Account): Account[] => {
      if (account.parentId === null) return [account]
      const above = lineageIds(account.path).slice(0, -1)
      return [...above.flatMap((id) => byId.all<Row>({ id })).map(toAccount), account]
    },
  }
}

/**
 * Reads an account and those above it that exist, top first, for use inside `readRemembered`. What a password
 * is verified by is not remembered.
 */
export const createLineageOf = (db: Database): ((id: AccountId) => KnownAccount[]) => {
  const byId = db.reading('SELECT * FROM accounts WHERE id = :id')
  const remembered = db.cache.memory<KnownAccount>('accounts')
  const getKnown = (id: AccountId): KnownAccount | undefined =>
    remembered(id, () => {
      const row = byId.get<Row>({ id })
      return row && withoutHash(toAccount(row))
    })
  return (id) => {
    const account = getKnown(id)
    if (account === undefined) return []
    if (account.parentId === null) return [account]
    const above = lineageIds(account.path).slice(0, -1).map(getKnown)
    return [...above.filter((each) => each !== undefined), account]
  }
}

/** The columns that an update writes. */
const CHANGEABLE = ['name', 'email', 'attributes', 'policies', 'boundary', 'updated_at'] as const

/** The store of accounts on SQLite. */
export const createAccountStore = (db: Database): AccountStore => {
  const insertAccount = createAccountInsertion(db)
  const superAdmin = db.writing("SELECT 1 FROM accounts WHERE role = 'super-admin' LIMIT 1")
  const otherSuperAdmin = db.writing(
    "SELECT 1 FROM accounts WHERE role = 'super-admin' AND status = 'active' AND id <> :id LIMIT 1",
  )
  const current = db.writing('SELECT * FROM accounts WHERE id = :id')
  const user = db.writing("SELECT * FROM accounts WHERE role = 'user' AND phone = :phone")
  const setStatus = db.writing(
    'UPDATE accounts SET status = :status, epoch = :epoch, updated_at = :now, version = version + 1 WHERE id = :id AND version = :version',
  )
  const setPassword = db.writing(
    `UPDATE accounts SET password_hash = :to, epoch = epoch + :raise, updated_at = :now, version = version + 1
     WHERE id = :id AND password_hash = :from RETURNING *`,
  )
  const update = db.writing(
    `UPDATE accounts SET ${CHANGEABLE.map((name) => `${name} = :${name}`).join(', ')}, version = version + 1
     WHERE id = :id AND version = :version RETURNING *`,
  )
  const child = db.writing('SELECT 1 FROM accounts WHERE parent_id = :id LIMIT 1')
  const remove = db.writing('DELETE FROM accounts WHERE id = :id')
  const attached = db.reading('SELECT account_id FROM account_policies WHERE policy = :policy LIMIT 1')
  const byId = db.reading('SELECT * FROM accounts WHERE id = :id')
  const byUsername = db.reading('SELECT * FROM accounts WHERE username_key = :key AND role = :role')
  const byNearestUsername = db.reading(
    'SELECT * FROM accounts WHERE username_key <= :key ORDER BY username_key DESC LIMIT 1',
  )
  const byPhone = db.reading('SELECT * FROM accounts WHERE role = :role AND phone = :phone')
  const anySuperAdmin = db.reading("SELECT 1 FROM accounts WHERE role = 'super-admin' LIMIT 1")

  const removeHead = db.writing('DELETE FROM policy_heads WHERE namespace = :id')

  const getRow = (id: AccountId): Account | undefined => {
    const row = byId.get<Row>({ id })
    return row && toAccount(row)
  }

  const lineageOf = createLineageOf(db)

  /** The account, for use inside `write`. */
  const getCurrent = (id: AccountId): Account => {
    const row = current.get<Row>({ id })
    if (!row) throw new StoreFailure('not_found', 'no such account')
    return toAccount(row)
  }

  /**
   * Whether the children of the query's parent are in its scope; paths are immutable, so that this needs no
   * transaction with the page.
   */
  const holdsParent = ({ below, parentId }: AccountQuery): boolean =>
    below === null ||
    parentId === undefined ||
    `${byId.get<Pick<Account, 'path'>>({ id: parentId })?.path ?? ''}/`.startsWith(`${below}/`)

  return {
    insert: (account) =>
      db.write(() => {
        const { parentId } = account
        if (parentId !== null && current.get({ id: parentId }) === undefined)
          throw new StoreFailure('not_found', 'the parent is gone')
        insertAccount(account)
      }),

    insertFirstSuperAdmin: (account) =>
      db.write(() => {
        if (superAdmin.get()) throw new StoreFailure('conflict', 'a super-admin exists')
        insertAccount(account)
      }),

    getOrInsertUser: (candidate) =>
      db.write(() => {
        const existing = user.get<Row>({ phone: candidate.phone })
        if (existing) return { account: toAccount(existing), created: false }
        insertAccount(candidate)
        return { account: candidate, created: true }
      }),

    get: (id) => db.read(() => getRow(id)),

    getLineage: (path) =>
      db.read(() =>
        lineageIds(path)
          .map(getRow)
          .filter((account) => account !== undefined),
      ),

    getLineageOf: (id) => db.readRemembered(() => lineageOf(id)),

    findByUsername: (role, key) =>
      db.read(() => {
        const row = byUsername.get<Row>({ role, key })
        return row && toAccount(row)
      }),

    // An absent name finds the one before it in the index: as much is read and turned into a record.
    findForPassword: (role, key) =>
      db.read(() => {
        const row = byNearestUsername.get<Row>({ key })
        const nearest = row && toAccount(row)
        const isHeld = nearest?.usernameKey === key && nearest.role === role
        return { account: isHeld ? nearest : undefined, path: nearest?.path ?? '' }
      }),

    findByPhone: (role, phone) =>
      db.read(() => {
        const row = byPhone.get<Row>({ role, phone })
        return row && toAccount(row)
      }),

    hasSuperAdmin: () => db.read(() => anySuperAdmin.get() !== undefined),

    list: (query) =>
      db.read(() => {
        const sql = listSql(query)
        if (sql === undefined || !holdsParent(query)) return []
        return db.readingShape(sql).all<Row>(listValues(query)).map(toAccount)
      }),

    setStatus: ({ id, status, now }) =>
      db.write(() => {
        const account = getCurrent(id)
        if (account.status === status) return account
        if (status === 'disabled' && account.role === 'super-admin' && !otherSuperAdmin.get({ id })) {
          throw new StoreFailure('conflict', 'the last active super-admin')
        }
        const epoch = status === 'disabled' ? account.epoch + 1 : account.epoch
        if (setStatus.run({ id, status, epoch, now, version: account.version }) !== 1)
          throw new StoreFailure('stale', 'changed meanwhile')
        return { ...account, status, epoch, updatedAt: now, version: account.version + 1 }
      }),

    setPasswordHash: ({ id, from, to, keepEpoch, now }) =>
      db.write(() => {
        const row = setPassword.get<Row>({ id, from, to, raise: keepEpoch ? 0 : 1, now })
        if (!row) throw new StoreFailure('stale', 'the password was changed meanwhile')
        return toAccount(row)
      }),

    update: ({ id, version, fields, now }) =>
      db.write(() => {
        const next = toRow({ ...getCurrent(id), ...fields, updatedAt: now })
        const values = Object.fromEntries(CHANGEABLE.map((name) => [name, next[name] ?? null]))
        const changed = update.get<Row>({ id, version, ...values })
        if (!changed) throw new StoreFailure('stale', 'the account was changed meanwhile')
        return toAccount(changed)
      }),

    delete: ({ id }) =>
      db.write(() => {
        const { role, status } = getCurrent(id)
        if (child.get({ id })) return 'has_children'
        if (role === 'super-admin' && status === 'active' && !otherSuperAdmin.get({ id }))
          throw new StoreFailure('conflict', 'the last active super-admin')
        remove.run({ id })
        removeHead.run({ id })
        return 'deleted'
      }),

    findAttached: (policy) => db.read(() => attached.get<{ account_id: AccountId }>({ policy })?.account_id),
  }
}
