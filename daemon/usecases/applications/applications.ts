import type { Account, AccountId } from '../../domain/account.ts'
import {
  formatServiceKey,
  MAX_APPLICATIONS,
  OWNER_ROLES,
  pathOf,
  rotateKeys,
  type Application,
  type ApplicationId,
  type ApplicationStatus,
  type PublicKey,
  type ServiceKey,
  type ServiceKeyId,
} from '../../domain/application.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import { requireMatch, type Precondition } from '../../domain/precondition.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Principal } from '../../domain/session.ts'
import { maySee } from '../../domain/tree.ts'
import type { ApplicationChanges } from '../../ports/stores/index.ts'
import { actorFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { orFail, retryStale, takeBack } from '../store-failures.ts'
import type { Authorize } from '../access/authorize.ts'
import { bringsKeys, createStillNoneOutlives, keyEnd, requireNoneOutlives } from './key-life.ts'
import { publicKeysOf, type SentKeys } from './public-keys.ts'
import { createStillGivable, requireGivable } from './within.ts'
import { keysWithout, unwritten } from './unwritten.ts'
import { sessionPolicyNames } from './session-policies.ts'

const SECOND = 1000
const MAX_ATTEMPTS = 20

/** Who asks, and from where. */
type Asking = Readonly<{ principal: Principal; origin: RequestOrigin }>

/** Who changes which application: the caller sees its owner. */
type Changing = Asking & Readonly<{ target: Application }>

/** An application with a key that was made just now: only this answer has it. */
export interface WithNewKey {
  readonly application: Application
  readonly keyId: ServiceKeyId
  readonly serviceKey: string
}

/** Where a list goes on: after this application; null: it is all. */
export interface ApplicationList {
  readonly items: readonly Application[]
  readonly next: ApplicationId | null
}

const changedMeanwhile = {
  code: 'precondition_failed',
  reason: 'another change came first',
} as const

/** Applications of the caller and of accounts below it, and their service keys. */
export const createApplications = (
  deps: Pick<Deps, 'store' | 'policies' | 'clock' | 'vault' | 'publicKeys' | 'random' | 'audit'>,
  authorize: Authorize,
) => {
  const { store, policies, clock, vault, random, audit } = deps

  const ownerOf = async ({ ownerId }: Application): Promise<Account> =>
    (await store.accounts.get(ownerId)) ?? notFound()

  /** The account that is to have an application: the caller, or one below it. */
  const chosenOwner = async ({ account }: Principal, id: string | undefined): Promise<Account> => {
    const owner = await store.accounts.get((id ?? account.id) as AccountId)
    if (owner === undefined || !maySee(account, owner)) return notFound()
    if (OWNER_ROLES.includes(owner.role)) return owner
    const detail = `A ${owner.role} has no applications: name an admin, a client or a sub-client.`
    throw new Failure('invalid_request', { errors: [{ pointer: '/owner_id', code: 'owner', detail }] })
  }

  const newKey = (applicationId: ApplicationId, expiresAt: number | null, now: number) => {
    const serviceKey = formatServiceKey(random.secret())
    const key: ServiceKey = {
      id: `key_${random.rowKey(now)}` as ServiceKeyId,
      digest: vault.serviceKeyMac(applicationId, serviceKey),
      createdAt: now,
      expiresAt,
      lastUsedAt: null,
    }
    return { key, serviceKey }
  }

  /** The session layer as it is to be; a policy that is gone by now is looked for once more. */
  const narrowing = async (
    { principal, origin }: Asking,
    { owner, names }: { owner: Account; names: readonly string[] | null },
  ): Promise<readonly string[] | null> => {
    const snapshot = policies.current()
    const layer = names && sessionPolicyNames(snapshot, { principal, owner, names })
    await requireGivable(snapshot, { principal, owner, policies: layer }, { ip: origin.ip, now: clock.now() })
    return layer
  }

  const requireStillGivable = createStillGivable(deps)
  const requireStillNoneOutlives = createStillNoneOutlives(deps)

  const record = (event: string, { principal, origin, target }: Changing, reason?: string): void =>
    audit.record({
      event,
      outcome: 'success',
      targetId: target.id,
      ...(reason === undefined ? {} : { reason }),
      ...actorFields(principal, origin),
    })

  /** Throws `not_found`, `invalid_request`, `exceeds_ceiling`, `limit_reached`. */
  const create = async (
    asking: Asking & {
      name: string
      ownerId: string | undefined
      policies: readonly string[] | null
      keyExpiresIn: number | undefined
      jwks: SentKeys
    },
  ): Promise<WithNewKey> => {
    const { principal, origin, name, ownerId, policies: names, keyExpiresIn, jwks } = asking
    const publicKeys = publicKeysOf(deps, jwks)
    requireNoneOutlives(principal, { after: publicKeys })
    const owner = await chosenOwner(principal, ownerId)
    const layer = await narrowing(asking, { owner, names })
    const now = clock.now()
    const id = `app_${random.rowKey(now)}` as ApplicationId
    const { key, serviceKey } = newKey(id, keyEnd(principal, { expiresIn: keyExpiresIn, now }), now)
    const times = { createdAt: now, updatedAt: now, version: 1 }
    const about = { ownerId: owner.id, ownerPath: owner.path, name, status: 'active' } as const
    const application: Application = { id, ...about, policies: layer, keys: [key], publicKeys, ...times }
    await orFail(store.applications.insert(application, MAX_APPLICATIONS), {
      conflict: 'limit_reached',
      not_found: 'not_found',
    })
    const undo = (): Promise<unknown> => store.applications.delete(id)
    await requireStillGivable(asking, { owner, names: layer, layer }, undo)
    const end = publicKeys.length > 0 ? null : key.expiresAt
    await requireStillNoneOutlives(principal, { target: application, end }, undo)
    record('application-create', { principal, origin, target: application })
    return { application, keyId: key.id, serviceKey }
  }

  /** One page, oldest first. Throws `not_found` for an owner that the caller does not see. */
  const list = async (query: {
    principal: Principal
    ownerId: string | undefined
    after: string | undefined
    limit: number
  }): Promise<ApplicationList> => {
    const { principal, ownerId, after, limit } = query
    const { account } = principal
    const owner = ownerId === undefined ? undefined : await store.accounts.get(ownerId as AccountId)
    if (ownerId !== undefined && (owner === undefined || !maySee(account, owner))) return notFound()
    const found = await store.applications.list({
      scope: account.role === 'super-admin' ? null : account.id,
      ...(owner && { ownerId: owner.id }),
      ...(after !== undefined && { after: after as ApplicationId }),
      limit: limit + 1,
    })
    const items = found.slice(0, limit)
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null }
  }

  /** Takes back what was just written of an application, whatever else has changed since. */
  const takeBackFrom = (
    changed: Application,
    fieldsOf: (present: Application) => ApplicationChanges,
  ): Promise<void> =>
    takeBack({
      written: changed,
      read: () => store.applications.get(changed.id),
      write: (present) => {
        const { id, version } = present
        return store.applications.update({ id, version, fields: fieldsOf(present), now: clock.now() })
      },
      what: `the application ${changed.id}`,
    })

  /** The keys that are brought, where the caller may have a key of such an application. */
  const bringKeys = async (
    { principal, origin, target }: Changing,
    given: { owner: Account; layer: readonly string[] | null },
    jwks: SentKeys,
  ): Promise<readonly PublicKey[]> => {
    const resource = `application/${pathOf(target)}`
    authorize({ principal, action: 'authctl:RotateApplication', resource, origin })
    const moment = { ip: origin.ip, now: clock.now() }
    await requireGivable(policies.current(), { principal, owner: given.owner, policies: given.layer }, moment)
    const publicKeys = publicKeysOf(deps, jwks, target.publicKeys)
    requireNoneOutlives(principal, { target, after: publicKeys })
    return publicKeys
  }

  /**
   * Changes what is given, and the rest stays; with a precondition only in the state that it names. Throws
   * `not_found`, `invalid_request`, `precondition_failed`, `exceeds_ceiling`, `limit_reached`, and
   * `forbidden` where an application would change its own policies. Who brings a public key can be the
   * application from then on, as by a rotation: it is asked for as one, and is made in the state that was
   * looked at or not at all.
   */
  const update = async (
    changing: Changing & {
      fields: {
        name?: string
        status?: ApplicationStatus
        policies?: readonly string[] | null
        jwks?: SentKeys
      }
      precondition: Precondition
    },
  ): Promise<Application> => {
    const { principal, target, fields, precondition } = changing
    const { policies: names, jwks, ...others } = fields
    if (names !== undefined && principal.application?.id === target.id)
      throw new Failure('forbidden', {
        detail: 'No application changes its own policies.',
        reason: 'self_promotion',
      })
    const owner = await ownerOf(target)
    const layer = names === undefined ? undefined : await narrowing(changing, { owner, names })
    const kept = layer === undefined ? target.policies : layer
    const publicKeys = jwks && (await bringKeys(changing, { owner, layer: kept }, jwks))
    const wanted: ApplicationChanges = {
      ...others,
      ...(layer === undefined ? {} : { policies: layer }),
      ...(publicKeys === undefined ? {} : { publicKeys }),
    }
    let before = target
    const attempt = async (n: number): Promise<Application> => {
      const present = n === 0 ? target : ((await store.applications.get(target.id)) ?? notFound())
      before = present
      if (precondition.ifMatch !== undefined) requireMatch(precondition, String(present.version))
      const { id, version } = present
      return orFail(store.applications.update({ id, version, fields: wanted, now: clock.now() }), {
        not_found: 'not_found',
        ...(publicKeys === undefined ? {} : { stale: changedMeanwhile }),
      })
    }
    const changed = await retryStale(attempt, { times: MAX_ATTEMPTS, what: `the application ${target.id}` })
    const undo = (): Promise<void> =>
      takeBackFrom(changed, (present) => unwritten({ before, changed, present }))
    if (layer !== undefined || publicKeys !== undefined)
      await requireStillGivable(changing, { owner, names: layer ?? null, layer: kept }, undo)
    if (publicKeys !== undefined && bringsKeys(target, publicKeys))
      await requireStillNoneOutlives(principal, { target, end: null }, undo)
    record('application-update', changing, Object.keys(wanted).join(' '))
    return changed
  }

  /**
   * A new key; the one before ends after the overlap, or at once. One conditional write: of two rotations at
   * the same time one is made, and the other hears `precondition_failed`, so that nobody is given a key that
   * another has just ended. Throws `limit_reached` while two keys are live and the older is not to end at
   * once, `forbidden` for a key that would outlive the one by which an application asks.
   */
  const rotate = async (
    rotating: Changing & { overlapSeconds: number; keyExpiresIn: number | undefined },
  ): Promise<WithNewKey> => {
    const { principal, origin, target, overlapSeconds, keyExpiresIn } = rotating
    const owner = await ownerOf(target)
    const now = clock.now()
    await requireGivable(
      policies.current(),
      { principal, owner, policies: target.policies },
      { ip: origin.ip, now },
    )
    const end = keyEnd(principal, { target, expiresIn: keyExpiresIn, now })
    const { key, serviceKey } = newKey(target.id, end, now)
    const keys = rotateKeys(target.keys, key, { endsAt: now + overlapSeconds * SECOND, now })
    if (keys === undefined)
      throw new Failure('limit_reached', {
        detail:
          'Two keys are live: wait until the older has ended, or end both at once with overlap_seconds 0.',
      })
    const { id, version } = target
    const changed = await orFail(store.applications.update({ id, version, fields: { keys }, now }), {
      stale: changedMeanwhile,
      not_found: 'not_found',
    })
    const given = { owner, names: null, layer: target.policies }
    const undo = (): Promise<void> =>
      takeBackFrom(changed, (present) => ({ keys: keysWithout(key, { before: target, changed, present }) }))
    await requireStillGivable(rotating, given, undo)
    await requireStillNoneOutlives(principal, { target, end }, undo)
    record('application-rotate', rotating, `${key.id}, the one before ends in ${overlapSeconds} s`)
    return { application: changed, keyId: key.id, serviceKey }
  }

  /** Throws `not_found`. */
  const remove = async (changing: Changing): Promise<void> => {
    if (!(await store.applications.delete(changing.target.id))) notFound()
    record('application-delete', changing)
  }

  return { create, list, update, rotate, remove }
}
