import { randomBytes } from 'node:crypto'
import {
  newAccount,
  type Account,
  type AccountId,
  type Phone,
  type UsernameKey,
} from '../../daemon/domain/account.ts'
import type {
  Application,
  ApplicationId,
  PublicKey,
  ServiceKey,
  ServiceKeyId,
} from '../../daemon/domain/application.ts'
import type { AgentRecord } from '../../daemon/domain/agent-record.ts'
import type { DaemonRecord } from '../../daemon/domain/daemon-record.ts'
import type { Device } from '../../daemon/domain/device.ts'
import type { Place } from '../../daemon/domain/place.ts'
import type { Session, SessionId } from '../../daemon/domain/session.ts'
import type { CodeSignIn, Fence, NewOtp, Store, StoredSigningKey } from '../../daemon/ports/stores/index.ts'

/** Where the clocks of the store suites stand. */
export const T0 = 1_800_000_000_000
export const MINUTE = 60_000
/** More live sessions than any test has. */
export const MANY = 10_000
export const PHONE = '+919876543210' as Phone

const newKey = (): string => randomBytes(13).toString('hex')

export const newId = (prefix: string) => `${prefix}_${newKey()}`

export const anAccount = (fields: Partial<Account> = {}): Account => {
  const born = newAccount({ role: 'admin', rowKey: newKey(), parent: null, now: T0 }, { name: 'Asha' })
  return { ...born, path: fields.id ?? born.path, ...fields }
}

export const aNamedAccount = (name: string, fields: Partial<Account> = {}): Account =>
  anAccount({ username: name, usernameKey: name as UsernameKey, ...fields })

export const aUser = (phone: Phone = PHONE): Account =>
  anAccount({ id: newId('usr') as AccountId, role: 'user', name: null, phone })

export const aSession = (fields: Partial<Session> = {}): Session => ({
  id: newId('ses') as SessionId,
  accountId: newId('usr') as AccountId,
  epoch: 1,
  applicationId: 'authctl',
  ip: '127.0.0.1',
  userAgent: 'test',
  createdAt: T0,
  lastUsedAt: T0,
  idleExpiresAt: T0 + 10 * MINUTE,
  absoluteExpiresAt: T0 + 60 * MINUTE,
  revokedAt: null,
  rotation: 0,
  rotatedAt: T0,
  tokenDigest: 'digest-0',
  ...fields,
})

export const aServiceKey = (fields: Partial<ServiceKey> = {}): ServiceKey => ({
  id: newId('key') as ServiceKeyId,
  digest: 'digest-0',
  createdAt: T0,
  expiresAt: null,
  lastUsedAt: null,
  ...fields,
})

export const aPublicKey = (kid: string): PublicKey => ({
  id: newId('thumbprint') as ServiceKeyId,
  jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AA', kid, alg: 'EdDSA', use: 'sig' },
  lastUsedAt: null,
})

export const anApplication = (
  { id: ownerId, path: ownerPath }: Pick<Account, 'id' | 'path'>,
  fields: Partial<Application> = {},
): Application => ({
  id: newId('app') as ApplicationId,
  ownerId,
  ownerPath,
  name: 'Shop',
  status: 'active',
  policies: null,
  keys: [aServiceKey()],
  publicKeys: [],
  createdAt: T0,
  updatedAt: T0,
  version: 1,
  ...fields,
})

export const aDaemon = (fields: Partial<DaemonRecord> = {}): DaemonRecord => ({
  id: 'daemon-1',
  host: 'web-1',
  pid: 42,
  version: '1.2.3',
  startedAt: T0,
  seenAt: T0,
  liveUntil: T0 + MINUTE,
  expiresAt: T0 + MINUTE,
  beat: 1,
  headsDigest: 'digest',
  heads: [{ namespace: 'root', revision: 'r1', number: 1 }],
  uses: [],
  shadows: [],
  ...fields,
})

export const aDevice = (fields: Partial<Device> = {}): Device => ({
  id: 'device-1',
  digest: 'digest',
  applicationId: 'authctl-cli',
  ip: '127.0.0.1',
  userAgent: 'test',
  createdAt: T0,
  expiresAt: T0 + 10 * MINUTE,
  state: 'pending',
  accountId: null,
  epoch: null,
  intervalMs: 5000,
  pollAfter: T0,
  ...fields,
})

export const anOtp = (fields: Partial<NewOtp> = {}): NewOtp => ({
  phone: PHONE,
  purpose: 'sign-in',
  applicationId: 'authctl',
  challengeId: newId('ch'),
  codeMac: 'right',
  now: T0,
  expiresAt: T0 + 5 * MINUTE,
  sealedCode: 'sealed',
  deliverAfter: T0 + 15_000,
  ...fields,
})

export const attemptAt = (
  otp: NewOtp,
  fields: Partial<{ codeMac: string; now: number; applicationId: string; challengeId: string }> = {},
) => ({
  phone: otp.phone,
  purpose: otp.purpose,
  applicationId: otp.applicationId,
  challengeId: otp.challengeId,
  codeMac: otp.codeMac,
  maxTries: 5,
  maxWrong: 50,
  wrongWindowMs: 24 * 60 * MINUTE,
  now: T0 + 1,
  ...fields,
})

/** Live sessions of an account in the suite of sign-ins. */
export const MOST_LIVE = 3

/** A sign-in with the code of a challenge. */
export const signInAt = (otp: NewOtp, fields: Partial<CodeSignIn> & { code?: string } = {}): CodeSignIn => {
  const { challengeId: _challengeId, codeMac: _codeMac, ...attempt } = attemptAt(otp)
  return {
    attempt,
    macOf: (challengeId) => (challengeId === otp.challengeId ? (fields.code ?? otp.codeMac) : 'another'),
    role: 'user',
    forms: [otp.phone],
    newcomer: () => aUser(otp.phone),
    confirms: [],
    sessionOf: ({ id, epoch }) => aSession({ accountId: id, epoch }),
    mostLive: MOST_LIVE,
    ...fields,
  }
}

/** The rotation of a session's first refresh token, a minute later. */
export const stepOf = (
  session: Session,
  fields: Partial<Parameters<Store['sessions']['rotate']>[0]> = {},
) => ({
  id: session.id,
  presented: 0,
  applicationId: 'authctl',
  successorDigest: 'digest-1',
  idleExpiresAt: T0 + 20 * MINUTE,
  graceMs: 10_000,
  now: T0 + MINUTE,
  ...fields,
})

export const aSigningKey = (fields: Partial<StoredSigningKey> = {}): StoredSigningKey => ({
  kid: 'kid-1',
  sequence: 1,
  alg: 'EdDSA',
  publicJwk: '{}',
  sealedPrivateJwk: 'sealed',
  createdAt: T0,
  activeFrom: T0,
  revokedAt: null,
  ...fields,
})

export const anAgent = (fields: Partial<AgentRecord> = {}): AgentRecord => ({
  id: 'app_1 web-1',
  audience: 'app_1',
  agent: 'web-1',
  ownerId: 'adm_1' as AccountId,
  ownerPath: 'adm_1',
  software: null,
  language: 1,
  revision: 'r1',
  heads: [{ namespace: 'root', revision: 'h1', number: 1 }],
  allowed: 7,
  denied: 1,
  denials: [{ account: 'cli_1', action: 'orders:Read', resource: 'order/1', at: T0 }],
  startedAt: T0,
  seenAt: T0,
  expiresAt: T0 + MINUTE,
  ...fields,
})

/** The fence of the cleaning job, without which nothing is swept. */
export const cleanupFence = async ({ leases }: Pick<Store, 'leases'>): Promise<Fence> => {
  const fence = await leases.claimSlot({ job: 'cleanup', slot: T0, now: T0, leaseMs: 1000 })
  if (fence === undefined) throw new Error('the claim must succeed')
  return fence
}

/** A charger, named by its id. */
export const aPlace = (id: string, fields: Partial<Place> = {}): Place => ({
  id,
  type: 'ev-charger',
  name: id,
  longitude: 77.5,
  latitude: 12.9,
  address: null,
  operator: null,
  updatedAt: T0,
  ...fields,
})
