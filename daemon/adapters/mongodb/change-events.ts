import type { Document, Timestamp } from 'mongodb'
import { roleOfId, type AccountId } from '../../domain/account.ts'
import type { ApplicationId } from '../../domain/application.ts'
import type { SessionId } from '../../domain/session.ts'
import type { SpentChange } from '../../ports/stores/index.ts'
import { COLLECTION_NAMES } from './collections.ts'

/** The guard document by which a reader finds out that it has seen everything. */
export const MARKED = 'changes'

/** An event of a change stream, as the stages below leave it. */
export interface ChangeEvent {
  readonly _id: { readonly _data: string }
  readonly ns?: { readonly coll?: string }
  readonly operationType: string
  readonly clusterTime?: Timestamp
  readonly documentKey?: { readonly _id?: string }
  /** The fields that an update has set. */
  readonly fields?: readonly string[] | null
  readonly removed?: readonly string[]
  readonly updatedAt?: number
  readonly state?: string
  readonly endedPath?: string
  readonly revokedAt?: number
  readonly spentPath?: string
  readonly expiresAt?: number
  readonly mark?: string
}

const { accounts, applications, sessions, spent, policyHeads, guards } = COLLECTION_NAMES
const SET = '$updateDescription.updatedFields'

/** What of all that happens in the database is read: no secret, and nothing that nobody asks for. */
export const CHANGE_STAGES: Document[] = [
  {
    $match: {
      $or: [
        { 'ns.coll': accounts, operationType: { $in: ['update', 'replace'] } },
        { 'ns.coll': sessions, 'updateDescription.updatedFields.revokedAt': { $type: 'number' } },
        { 'ns.coll': applications, operationType: 'update' },
        { 'ns.coll': spent, operationType: 'insert', 'fullDocument.path': { $type: 'string' } },
        { 'ns.coll': policyHeads },
        { 'ns.coll': guards, 'documentKey._id': MARKED },
      ],
    },
  },
  {
    $project: {
      ns: 1,
      operationType: 1,
      clusterTime: 1,
      documentKey: 1,
      fields: { $map: { input: { $objectToArray: SET }, in: '$$this.k' } },
      removed: '$updateDescription.removedFields',
      updatedAt: `${SET}.updatedAt`,
      state: `${SET}.state`,
      endedPath: `${SET}.endedPath`,
      revokedAt: `${SET}.revokedAt`,
      spentPath: '$fullDocument.path',
      expiresAt: '$fullDocument.expiresAt',
      mark: { $ifNull: [`${SET}.mark`, '$fullDocument.mark'] },
    },
  },
]

/** What an event is about, before it is known where the account stands. */
export type Happened =
  | { readonly kind: 'mark'; readonly mark: string }
  | { readonly kind: 'head'; readonly namespace: string }
  | { readonly kind: 'application'; readonly id: ApplicationId; readonly path: string | undefined }
  | SpentChange
  | { readonly kind: 'session'; readonly id: SessionId; readonly endedAt: number }
  | {
      readonly kind: 'account'
      readonly id: AccountId
      readonly endedAt: number | null
      readonly isDeleted: boolean
      readonly path: string | undefined
    }

/** Fields of accounts that no application remembers. */
const OF_NO_INTEREST: ReadonlySet<string> = new Set([
  'witness',
  'fence',
  'version',
  'updatedAt',
  'passwordHash',
  'name',
  'email',
  'pendingSince',
])

/** The end of the second of an event. */
const secondOf = ({ clusterTime }: ChangeEvent): number => ((clusterTime?.getHighBits() ?? 0) + 1) * 1000

const accountEvent = (id: string, event: ChangeEvent): Happened | undefined => {
  // A field that is set to what it was is not told.
  const { fields = [], removed = [], updatedAt = secondOf(event), state, endedPath } = event
  const touched = [...(fields ?? []), ...removed]
  const isPlain = event.operationType === 'update' && touched.every((name) => OF_NO_INTEREST.has(name))
  const isNewUser = state === 'live' && roleOfId(id) === 'user'
  if (isPlain || isNewUser) return undefined
  const endedAt = touched.includes('epoch') ? updatedAt : null
  return { kind: 'account', id: id as AccountId, endedAt, isDeleted: state === 'void', path: endedPath }
}

/** By these an application lives; that a key was used is noted within them. */
const LIVED_BY = /^(?:status|endedPath|(?:keys|publicKeys)(?:\.|$)(?!.*lastUsedAt$))/

const applicationEvent = (id: string, { fields, endedPath }: ChangeEvent): Happened | undefined =>
  fields?.some((name) => LIVED_BY.test(name)) === true
    ? { kind: 'application', id: id as ApplicationId, path: endedPath }
    : undefined

/** What an event says; undefined: nothing that is of interest. */
export const happenedIn = (event: ChangeEvent): Happened | undefined => {
  const id = event.documentKey?._id
  if (id === undefined) return undefined
  const collection = event.ns?.coll
  if (collection === guards) return event.mark === undefined ? undefined : { kind: 'mark', mark: event.mark }
  if (collection === policyHeads) return { kind: 'head', namespace: id }
  if (collection === sessions) return { kind: 'session', id: id as SessionId, endedAt: event.revokedAt ?? 0 }
  if (collection === applications) return applicationEvent(id, event)
  if (collection === spent)
    return { kind: 'spent', key: id, path: event.spentPath ?? '', expiresAt: event.expiresAt ?? 0 }
  return accountEvent(id, event)
}
