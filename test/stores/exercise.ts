import type { AccountId, Phone, UsernameKey } from '../../daemon/domain/account.ts'
import type { Charge } from '../../daemon/domain/charge.ts'
import type { Place } from '../../daemon/domain/place.ts'
import type { AccountQuery, Store } from '../../daemon/ports/stores/index.ts'
import { SWEPT } from '../../daemon/ports/stores/index.ts'
import { accountOf, idOf, phoneOf, POPULATED_AT, sessionOf } from '../support/population.ts'
import {
  MANY,
  aDaemon,
  aDevice,
  anAgent,
  aNamedAccount,
  anApplication,
  anOtp,
  aSession,
  aSigningKey,
  attemptAt,
  aUser,
  MINUTE,
  signInAt,
  stepOf,
  T0,
  cleanupFence,
} from './samples.ts'

const PAGE = 50

/** Every scope with every filter, from the beginning and from the middle. */
const accountQueries = (population: number): AccountQuery[] => {
  const middle = Math.floor(population / 200) * 100
  const admin = idOf('admin', middle)
  const after = { createdAt: POPULATED_AT + middle, id: idOf('client', middle) }
  const scopes = [
    { below: null, includeUsers: true },
    { below: null, includeUsers: false },
    { below: admin, includeUsers: true },
    { below: admin, includeUsers: false },
    { below: `${admin}/${idOf('client', middle + 1)}`, includeUsers: false },
    { below: `${admin}/${idOf('client', middle + 2)}`, includeUsers: false },
  ]
  const filters = [
    {},
    { role: 'client' },
    { role: 'super-admin' },
    { role: 'user' },
    { status: 'disabled' },
    { role: 'client', status: 'disabled' },
    { parentId: admin },
    { parentId: idOf('admin', 0) },
    { parentId: admin, role: 'client', status: 'active' },
  ] as const
  return scopes.flatMap((scope) =>
    filters.flatMap((filter) => [
      { ...scope, ...filter, limit: PAGE },
      { ...scope, ...filter, after, limit: PAGE },
    ]),
  )
}

const readAccounts = async ({ accounts }: Store, population: number): Promise<void> => {
  const n = Math.floor(population / 2)
  await accounts.get(idOf('admin', 0))
  await accounts.get('adm_none' as AccountId)
  await accounts.getLineage(accountOf(15, '').path)
  for (const _again of [1, 2]) await accounts.getLineageOf(accountOf(15, '').id)
  await accounts.findByUsername('admin', 'name0' as UsernameKey)
  await accounts.findByUsername('admin', 'nobody' as UsernameKey)
  await accounts.findForPassword('admin', 'nobody' as UsernameKey)
  await accounts.findByPhone('user', phoneOf(n + 30))
  await accounts.findByPhone('user', '+919999999999' as Phone)
  await accounts.hasSuperAdmin()
  for (const query of accountQueries(population)) await accounts.list(query)
}

const writeAccounts = async ({ accounts }: Store): Promise<void> => {
  const first = aNamedAccount('root-1', { role: 'super-admin' })
  const second = aNamedAccount('root-2', { role: 'super-admin' })
  await accounts.insertFirstSuperAdmin(first)
  await accounts.insert(second)
  await accounts
    .insertFirstSuperAdmin(aNamedAccount('root-3', { role: 'super-admin' }))
    .catch(() => undefined)
  await accounts.insert(aNamedAccount('root-1')).catch(() => undefined)
  await accounts.setStatus({ id: first.id, status: 'disabled', now: T0 })
  await accounts.setStatus({ id: second.id, status: 'disabled', now: T0 }).catch(() => undefined)
  await accounts.setStatus({ id: first.id, status: 'active', now: T0 })
  await accounts.setStatus({ id: idOf('admin', 0), status: 'disabled', now: T0 })
  await accounts.getOrInsertUser(aUser('+919999999998' as Phone))
  await accounts.getOrInsertUser(aUser('+919999999998' as Phone))
  const hash = { id: idOf('admin', 0), from: '$argon2id$none', to: 'new', keepEpoch: false, now: T0 }
  await accounts.setPasswordHash(hash)
  await accounts.setPasswordHash(hash).catch(() => undefined)
}

const changeAccounts = async ({ accounts, policies }: Store): Promise<void> => {
  const account = aNamedAccount('attached', { policies: ['root/a'], boundary: 'root/b' })
  await accounts.insert(account)
  await accounts.findAttached('root/b')
  await accounts.update({ id: account.id, version: 1, fields: { policies: ['root/c'] }, now: T0 })
  await accounts.update({ id: account.id, version: 1, fields: {}, now: T0 }).catch(() => undefined)
  await accounts.delete({ id: account.id, now: T0 })
  await accounts.delete({ id: idOf('admin', 0), now: T0 })
  const head = { namespace: 'root', revision: 'r1', number: 1 }
  await policies.moveHead({ head, from: null, texts: [{ hash: 'r1', content: '{}' }], owner: null, now: T0 })
  await policies.moveHead({
    head: { ...head, revision: 'r2', number: 2 },
    from: 'r1',
    texts: [],
    owner: null,
    now: T0,
  })
  const owner = aNamedAccount('owner')
  await accounts.insert(owner)
  await policies.moveHead({
    head: { ...head, namespace: owner.id },
    from: null,
    texts: [],
    owner: owner.id,
    now: T0,
  })
  await policies.heads()
  await policies.read(['r1', 'r2'])
  await policies.listTexts({ after: '', limit: 10 })
  await policies.deleteTexts({ hashes: ['r1'], heads: await policies.heads(), keptBefore: T0 + 1 })
}

const useCodes = async ({ otps, signIns }: Store): Promise<void> => {
  const otp = anOtp()
  await otps.save(otp)
  await otps.save(otp)
  await otps.find(otp.phone, otp.purpose)
  await otps.claimDeliveries({ now: otp.deliverAfter, leaseMs: 1, limit: 20 })
  await otps.beginDelivery(otp)
  await otps.postponeDelivery({ ...otp, retryAt: T0 })
  await otps.consume(attemptAt(otp, { codeMac: 'wrong' }))
  await otps.consume(attemptAt(otp))
  await otps.consume(attemptAt(otp))
  const next = anOtp()
  await signIns.byCode(signInAt(anOtp({ phone: '+919999999997' as Phone })))
  await otps.save(next)
  await signIns.byCode(signInAt(next, { code: 'wrong' }))
  await signIns.byCode(signInAt(next, { confirms: ['used'] }))
}

const useSessions = async ({ sessions, refreshKeys }: Store): Promise<void> => {
  const session = aSession({ accountId: sessionOf(30).accountId })
  await sessions.insert(session, MANY)
  await sessions.insert(aSession({ accountId: session.accountId, createdAt: T0 + 1 }), 1)
  await sessions.get(session.id)
  await sessions.rotate(stepOf(session))
  await sessions.rotate(stepOf(session))
  await sessions.rotate(stepOf(session, { graceMs: 0 }))
  await sessions.setEpoch(session.id, 2)
  await sessions.list(session.accountId, T0)
  await sessions.revoke({ id: session.id, accountId: session.accountId, now: T0 })
  await sessions.revokeAll({ accountId: session.accountId, except: session.id, now: T0 })
  await sessions.revokeAll({ accountId: session.accountId, except: null, now: T0 })
  const key = { accountId: session.accountId, epoch: 1, mac: 'mac', oldMac: null, maxTries: 5, now: T0 }
  await refreshKeys.set(key)
  await refreshKeys.verify({ ...key, mac: 'bad' })
  await refreshKeys.verify(key)
  await refreshKeys.set({ ...key, oldMac: 'mac' })
  await refreshKeys.set({ ...key, epoch: 2 })
  await refreshKeys.unlock(session.accountId)
}

const useApplications = async ({ accounts, applications }: Store): Promise<void> => {
  const owner = aNamedAccount('of-applications')
  await accounts.insert(owner)
  const application = anApplication(owner, { policies: ['root/a'] })
  const { id, keys } = application
  await applications.insert(application, 1)
  await applications.insert(anApplication(owner), 1).catch(() => undefined)
  for (const _again of [1, 2]) await applications.get(id)
  for (const _again of [1, 2]) await applications.getOwned(id)
  for (const scope of [null, owner.id])
    for (const ownerId of [undefined, owner.id])
      for (const after of [undefined, id])
        await applications.list({
          scope,
          limit: PAGE,
          ...(ownerId && { ownerId }),
          ...(after && { after }),
        })
  await applications.update({ id, version: 1, fields: { policies: ['root/b'] }, now: T0 })
  await applications.update({ id, version: 1, fields: {}, now: T0 }).catch(() => undefined)
  for (const { id: keyId } of keys) await applications.noteUse({ id, keyId, now: T0, before: T0 })
  await applications.findNaming('root/b')
  await applications.delete(id)
  await accounts.delete({ id: owner.id, now: T0 })
}

const aPlace = (n: number): Place => ({
  id: `place-${n}`,
  type: n % 2 === 0 ? 'ev-charger' : 'swap-station',
  name: `Place ${n}`,
  longitude: (n % 360) - 180,
  latitude: (n % 180) - 90,
  address: null,
  operator: null,
  updatedAt: T0,
})

const PLACES = 10_000
const IMPORT = 2000

const usePlaces = async ({ places }: Store): Promise<void> => {
  for (let from = 0; from < PLACES; from += IMPORT)
    await places.upsertMany(Array.from({ length: IMPORT }, (_, index) => aPlace(from + index)))
  await places.upsertMany([aPlace(1)])
  await places.revision()
  await places.get('place-1')
  await places.replace({ ...aPlace(2), name: 'Another' }, aPlace(2))
  await places.remove(aPlace(3))
  const box = { minLongitude: 10, maxLongitude: 60, minLatitude: 10, maxLatitude: 60 }
  const pacific = { minLongitude: 170, maxLongitude: -170, minLatitude: -80, maxLatitude: 80 }
  for (const where of [{}, { box }, { box: pacific }]) {
    for (const type of [undefined, 'ev-charger'] as const) {
      for (const after of [undefined, 'place-5']) {
        const query = { ...where, limit: PAGE, ...(type && { type }), ...(after !== undefined && { after }) }
        await places.list(query)
      }
    }
  }
}

const useTheRest = async ({
  limits,
  idempotency,
  leases,
  signingKeys,
  daemons,
  devices,
  spent,
  agents,
}: Store): Promise<void> => {
  const limit = { key: 'a', windows: [{ limit: 1, windowMs: 1000 }] }
  await limits.take([limit], T0)
  await limits.take([limit], T0)
  const charges: Charge[] = [
    { kind: 'amount', key: 'n:a', amount: 1, windows: [{ limit: 9, windowMs: MINUTE }] },
    { kind: 'distinct', key: 'n:d', member: 'm', window: { limit: 9, windowMs: MINUTE } },
  ]
  await limits.takeAll(charges, T0)
  await limits.takeAll(charges, T0)
  await limits.confirm(['n:c'], T0)
  await limits.list('n:')
  await limits.forget('a')
  const claim = { key: 'k', fingerprint: 'f', now: T0, leaseUntil: T0 + 1, expiresAt: T0 + 2 }
  await idempotency.begin(claim)
  await idempotency.begin(claim)
  await idempotency.finish('k', 'f', 'sealed')
  await idempotency.begin({ ...claim, now: T0 + 5 })
  await idempotency.abandon('k', 'f')
  await signingKeys.add(aSigningKey())
  await signingKeys.add(aSigningKey())
  await signingKeys.list()
  await signingKeys.revoke(aSigningKey().kid, T0)
  await daemons.beat(aDaemon())
  await daemons.beat(aDaemon())
  await daemons.list(T0)
  await daemons.leave(aDaemon().id, T0)
  const device = aDevice()
  for (const _again of [1, 2]) await devices.insert(device)
  await devices.insert({ ...device, createdAt: device.expiresAt })
  await devices.get(device.id)
  await devices.poll({ ...device, now: T0 })
  await devices.decide({ id: device.id, state: 'approved', account: null, now: T0 })
  await devices.poll({ ...device, now: T0 })
  await devices.denyOf('adm_a' as AccountId)
  for (const now of [T0, T0, T0 + MINUTE]) await spent.spend({ key: 'k', expiresAt: T0 + MINUTE, now })
  await spent.isSpent('k', T0)
  await agents.renew(anAgent())
  await agents.add(anAgent())
  const owners = { from: 'adm_1', before: 'adm_10' }
  await agents.list({ now: T0, owners, limit: 10 })
  await agents.list({ now: T0, owners, after: { ownerPath: 'adm_1', id: 'app_1 web-1' }, limit: 10 })
  const fence = await cleanupFence({ leases })
  for (const swept of SWEPT) await leases.sweep(swept, fence, T0 + 3_600_000, 100)
  await leases.release(fence)
}

/**
 * Makes a store with `population` accounts run every query that it has, with every shape of its arguments.
 */
export const exercise = async (store: Store, population: number): Promise<void> => {
  await readAccounts(store, population)
  await writeAccounts(store)
  await changeAccounts(store)
  await useCodes(store)
  await useSessions(store)
  await useApplications(store)
  await usePlaces(store)
  await useTheRest(store)
}
