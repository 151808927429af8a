import type { Account, AccountId, Phone, Role, UsernameKey } from '../../domain/account.ts'
import { lineageIds } from '../../domain/tree.ts'
import { StoreFailure, type AccountQuery, type AccountStore } from '../../ports/stores/index.ts'
import { listSql, listValues } from './account-list.ts'
import type { Database, Statement } from './database.ts'

interface AccountRow {
  id: AccountId
  role: Role
  name: string | null
  username: string | null
  username_key: UsernameKey | null
  phone: Phone | null
  email: string | null
  parent_id: AccountId | null
  path: string
  status: Account['status']
  attributes: string
  password_hash: string | null
  epoch: number
  created_at: number
  updated_at: number
  version: number
  policies: string
  boundary: string | null
}

const parsed = <T>(json: string, empty: string, none: T): T =>
  json === empty ? none : (JSON.parse(json) as T)

const toAccount = (row: AccountRow): Account => ({
  id: row.id,
  role: row.role,
  name: row.name,
  username: row.username,
  usernameKey: row.username_key,
  phone: row.phone,
  email: row.email,
  parentId: row.parent_id,
  path: row.path,
  status: row.status,
  attributes: parsed<Account['attributes']>(row.attributes, '{}', {}),
  policies: parsed<Account['policies']>(row.policies, '[]', []),
  boundary: row.boundary,
  passwordHash: row.password_hash,
  epoch: row.epoch,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  version: row.version,
})

const toRow = (account: Account) => ({
  id: account.id,
  role: account.role,
  name: account.name,
  username: account.username,
  username_key: account.usernameKey,
  phone: account.phone,
  email: account.email,
  parent_id: account.parentId,
  path: account.path,
  status: account.status,
  attributes: JSON.stringify(account.attributes),
  password_hash: account.passwordHash,
  epoch: account.epoch,
  created_at: account.createdAt,
  updated_at: account.updatedAt,
  version: account.version,
  policies: JSON.stringify(account.policies),
  boundary: account.boundary,
})

const COLUMNS = [
  'id',
  'role',
  'name',
  'username',
  'username_key',
  'phone',
  'email',
  'parent_id',
  'path',
  'status',
  'attributes',
  'password_hash',
  'epoch',
  'created_at',
  'updated_at',
  'version',
  'policies',
  'boundary',
] as const satisfies readonly (keyof AccountRow)[]

/** Columns by name, so that a daemon of this version can go on when a later one has added some. */
const INSERT = `INSERT INTO accounts (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((name) => `:${name}`).join(', ')})`

export const createAccountStore = (db: Database): AccountStore => {
  const insert = db.writing(INSERT)
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
    `UPDATE accounts SET name = :name, email = :email, attributes = :attributes, policies = :policies, boundary = :boundary,
     updated_at = :updated_at, version = version + 1 WHERE id = :id AND version = :version RETURNING *`,
  )
  const child = db.writing('SELECT 1 FROM accounts WHERE parent_id = :id LIMIT 1')
  const remove = db.writing('DELETE FROM accounts WHERE id = :id')
  const attached = db.reading('SELECT account_id FROM account_policies WHERE policy = :policy LIMIT 1')
  const byId = db.reading('SELECT * FROM accounts WHERE id = :id')
  const byUsername = db.reading('SELECT * FROM accounts WHERE username_key = :key AND role = :role')
  const byPhone = db.reading('SELECT * FROM accounts WHERE role = :role AND phone = :phone')
  const anySuperAdmin = db.reading("SELECT 1 FROM accounts WHERE role = 'super-admin' LIMIT 1")

  const removeHead = db.writing('DELETE FROM policy_heads WHERE namespace = :id')

  const pages = new Map<string, Statement>()

  /**
   * Each of the few shapes of a list query is prepared once: preparing ten ranges takes longer than reading
   * them.
   */
  const pageOf = (sql: string): Statement => {
    const statement = pages.get(sql) ?? db.reading(sql)
    pages.set(sql, statement)
    return statement
  }

  const getRow = (id: AccountId): Account | undefined => {
    const row = byId.get<AccountRow>({ id })
    return row && toAccount(row)
  }

  /**
   * Whether the children of the query's parent are in its scope; paths are immutable, so that this needs no
   * transaction with the page.
   */
  const holdsParent = ({ below, parentId }: AccountQuery): boolean =>
    below === null ||
    parentId === undefined ||
    `${byId.get<AccountRow>({ id: parentId })?.path ?? ''}/`.startsWith(`${below}/`)

  return {
    insert: (account) =>
      db.write(() => {
        const { parentId } = account
        if (parentId !== null && current.get({ id: parentId }) === undefined)
          throw new StoreFailure('not_found', 'the parent is gone')
        insert.run(toRow(account))
      }),

    insertFirstSuperAdmin: (account) =>
      db.write(() => {
        if (superAdmin.get()) throw new StoreFailure('conflict', 'a super-admin exists')
        insert.run(toRow(account))
      }),

    getOrInsertUser: (candidate) =>
      db.write(() => {
        const existing = user.get<AccountRow>({ phone: candidate.phone })
        if (existing) return { account: toAccount(existing), created: false }
        insert.run(toRow(candidate))
        return { account: candidate, created: true }
      }),

    get: (id) => db.read(() => getRow(id)),

    getLineage: (path) =>
      db.read(() =>
        lineageIds(path)
          .map(getRow)
          .filter((account) => account !== undefined),
      ),

    findByUsername: (role, key) =>
      db.read(() => {
        const row = byUsername.get<AccountRow>({ role, key })
        return row && toAccount(row)
      }),

    findByPhone: (role, phone) =>
      db.read(() => {
        const row = byPhone.get<AccountRow>({ role, phone })
        return row && toAccount(row)
      }),

    hasSuperAdmin: () => db.read(() => anySuperAdmin.get() !== undefined),

    list: (query) =>
      db.read(() => {
        const sql = listSql(query)
        if (sql === undefined || !holdsParent(query)) return []
        return pageOf(sql).all<AccountRow>(listValues(query)).map(toAccount)
      }),

    setStatus: ({ id, status, now }) =>
      db.write(() => {
        const row = current.get<AccountRow>({ id })
        if (!row) throw new StoreFailure('not_found', 'no such account')
        if (row.status === status) return toAccount(row)
        if (status === 'disabled' && row.role === 'super-admin' && !otherSuperAdmin.get({ id })) {
          throw new StoreFailure('conflict', 'the last active super-admin')
        }
        const epoch = status === 'disabled' ? row.epoch + 1 : row.epoch
        if (setStatus.run({ id, status, epoch, now, version: row.version }) !== 1)
          throw new StoreFailure('stale', 'changed meanwhile')
        return toAccount({ ...row, status, epoch, updated_at: now, version: row.version + 1 })
      }),

    setPasswordHash: ({ id, from, to, keepEpoch, now }) =>
      db.write(() => {
        const row = setPassword.get<AccountRow>({ id, from, to, raise: keepEpoch ? 0 : 1, now })
        if (!row) throw new StoreFailure('stale', 'the password was changed meanwhile')
        return toAccount(row)
      }),

    update: ({ id, version, fields, now }) =>
      db.write(() => {
        const row = current.get<AccountRow>({ id })
        if (!row) throw new StoreFailure('not_found', 'no such account')
        const { name, email, attributes, policies, boundary, updated_at } = toRow({
          ...toAccount(row),
          ...fields,
          updatedAt: now,
        })
        const changed = update.get<AccountRow>({
          id,
          version,
          name,
          email,
          attributes,
          policies,
          boundary,
          updated_at,
        })
        if (!changed) throw new StoreFailure('stale', 'the account was changed meanwhile')
        return toAccount(changed)
      }),

    delete: ({ id }) =>
      db.write(() => {
        const row = current.get<AccountRow>({ id })
        if (!row) throw new StoreFailure('not_found', 'no such account')
        if (child.get({ id })) return 'has_children'
        if (row.role === 'super-admin' && row.status === 'active' && !otherSuperAdmin.get({ id }))
          throw new StoreFailure('conflict', 'the last active super-admin')
        remove.run({ id })
        removeHead.run({ id })
        return 'deleted'
      }),

    findAttached: (policy) => db.read(() => attached.get<{ account_id: AccountId }>({ policy })?.account_id),
  }
}
