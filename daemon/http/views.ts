import type { KnownAccount } from '../domain/account.ts'
import type { Application } from '../domain/application.ts'
import type { DecidingHead } from '../domain/daemon-record.ts'
import type { LocalChanges } from '../domain/local/changes.ts'
import { LOCAL_FORMAT } from '../domain/local/view.ts'
import type { Session } from '../domain/session.ts'
import type { Answer } from '../usecases/access/answer.ts'
import type { Explained } from '../usecases/access/ask.ts'
import type { KeyView } from '../usecases/keys/signing-keys.ts'
import type { IssuedToken } from '../usecases/sessions/open.ts'
import type { Nearby } from '../usecases/places.ts'
import type { StoredPolicy } from '../usecases/policies/documents.ts'
import type { PolicyStatus } from '../usecases/policies/fleet.ts'
import type { LivingAgent } from '../usecases/local/agents.ts'
import type { RevisionRecord } from '../usecases/policies/history.ts'
import type { Applied } from '../usecases/policies/plans.ts'
import type { Replayed } from '../usecases/policies/replay.ts'

const timestamp = (ms: number): string => new Date(ms).toISOString()

/** The wire form of an account. */
export const toAccount = (account: KnownAccount) => ({
  id: account.id,
  role: account.role,
  name: account.name,
  username: account.username,
  phone: account.phone,
  email: account.email,
  parent_id: account.parentId,
  path: account.path,
  status: account.status,
  attributes: account.attributes,
  policies: account.policies,
  boundary: account.boundary,
  created_at: timestamp(account.createdAt),
  updated_at: timestamp(account.updatedAt),
  version: account.version,
})

/** The wire form of an application. */
export const toApplication = (application: Application) => ({
  id: application.id,
  owner_id: application.ownerId,
  name: application.name,
  status: application.status,
  policies: application.policies,
  keys: application.keys.map(({ id, createdAt, expiresAt, lastUsedAt }) => ({
    id,
    created_at: timestamp(createdAt),
    expires_at: expiresAt && timestamp(expiresAt),
    last_used_at: lastUsedAt && timestamp(lastUsedAt),
  })),
  jwks: {
    keys: application.publicKeys.map(({ jwk, lastUsedAt }) => ({
      ...jwk,
      last_used_at: lastUsedAt === null ? null : timestamp(lastUsedAt),
    })),
  },
  created_at: timestamp(application.createdAt),
  updated_at: timestamp(application.updatedAt),
  version: application.version,
})

/** The wire form of issued tokens. */
export const toToken = (token: IssuedToken) => ({
  access_token: token.accessToken,
  token_type: 'Bearer',
  expires_in: token.expiresInSeconds,
  refresh_token: token.refreshToken,
})

/** The wire form of a session; `current` marks the one of this request. */
export const toSession = (session: Session, currentId?: string) => ({
  id: session.id,
  client_id: session.applicationId,
  ip: session.ip,
  user_agent: session.userAgent,
  created_at: timestamp(session.createdAt),
  last_used_at: timestamp(session.lastUsedAt),
  expires_at: timestamp(session.absoluteExpiresAt),
  current: session.id === currentId,
})

/** The wire form of a signing key: nothing of the key itself. */
export const toSigningKey = ({ kid, state, createdAt, activeFrom, revokedAt }: KeyView) => ({
  kid,
  state,
  created_at: timestamp(createdAt),
  active_from: timestamp(activeFrom),
  revoked_at: revokedAt === null ? null : timestamp(revokedAt),
})

/** The wire form of a place. */
export const toPlace = (place: Nearby) => ({
  id: place.id,
  type: place.type,
  name: place.name,
  longitude: place.longitude,
  latitude: place.latitude,
  address: place.address,
  operator: place.operator,
  updated_at: timestamp(place.updatedAt),
  ...(place.distanceMetres === undefined ? {} : { distance_m: place.distanceMetres }),
})

/** The wire form of a policy without its document. */
const toPolicyFields = ({ name, namespace, id, hash, updatedAt }: StoredPolicy) => ({
  name,
  namespace,
  id,
  hash,
  updated_at: updatedAt === null ? null : timestamp(updatedAt),
})

/** The wire form of a policy. */
export const toPolicy = (policy: StoredPolicy) => ({ ...toPolicyFields(policy), document: policy.document })

/** The wire form of a policy in a list. */
export const toPolicySummary = (policy: StoredPolicy) => ({
  ...toPolicyFields(policy),
  description: policy.document.Description ?? null,
  statements: policy.document.Statement.length,
})

/** The wire form of a revision without what is in it. */
export const toRevision = ({ made, ...revision }: RevisionRecord) => ({
  id: revision.id,
  number: revision.number,
  namespace: revision.namespace,
  parent: revision.parent,
  created_at: timestamp(revision.createdAt),
  actor: revision.actorId,
  approved_by: made?.approvedBy ?? null,
  event: made?.event ?? 'edit',
  set: made?.set ?? null,
  commit: made?.commit ?? null,
  dirty: made?.dirty ?? false,
  rollback_to: made?.rollbackTo ?? null,
  is_head: revision.isHead,
  services: revision.services,
  documents: revision.documents,
  attachments: revision.attachments,
  invariants: revision.invariants,
})

const toHead = ({ namespace, revision, number }: DecidingHead) => ({ namespace, id: revision, number })

/** The wire form of a process that decides by itself. */
export const toAgent = (record: LivingAgent) => ({
  application: record.audience,
  owner_id: record.ownerId,
  agent: record.agent,
  software: record.software,
  language: record.language,
  revision: record.revision,
  heads: record.heads.map(toHead),
  started_at: timestamp(record.startedAt),
  allowed: record.allowed,
  denied: record.denied,
  denials: record.denials.map(({ at, ...denial }) => ({ ...denial, at: timestamp(at) })),
  seen_at: timestamp(record.seenAt),
  is_current: record.isCurrent,
})

/** The wire form of what is in force, and by what each daemon decides. */
export const toPolicyStatus = ({
  namespace,
  revision,
  daemons,
  agents,
  hasMoreAgents,
  shadow,
}: PolicyStatus) => ({
  namespace,
  revision,
  agents: agents.map(toAgent),
  has_more_agents: hasMoreAgents,
  shadow: shadow && {
    id: shadow.revision,
    number: shadow.number,
    questions: shadow.questions,
    changed: shadow.changed,
    differences: shadow.differences,
  },
  daemons: daemons.map(({ id, host, pid, version, startedAt, seenAt, revision: own, isCurrent }) => ({
    id,
    host,
    pid,
    version,
    started_at: timestamp(startedAt),
    seen_at: timestamp(seenAt),
    revision: own && { id: own.revision, number: own.number },
    is_current: isCurrent,
  })),
})

/** The wire form of what recorded questions would be answered. */
export const toReplay = ({ base, examined, unknownAccount, privateValue, changes }: Replayed) => ({
  base: { revision: base.id, number: base.number },
  examined,
  unknown_account: unknownAccount,
  private_value: privateValue,
  changes,
})

/** The wire form of what came of an apply, in one word. */
export const toApplied = (detail: string, { isApplied: applied, revision, plan }: Applied) => ({
  detail,
  applied,
  revision,
  plan,
})

/** The wire form of a decision. */
export const toDecision = ({
  decisionId,
  ...answer
}: Answer & { decisionId: string | null; explanation?: Explained }) => ({
  ...answer,
  decision_id: decisionId,
})

/** The wire form of what has changed for an application. */
export const toPolicyChanges = (changes: LocalChanges) => ({
  format: LOCAL_FORMAT,
  audience: changes.audience,
  owner_id: changes.ownerId,
  previous: changes.previous,
  position: changes.position,
  as_of: timestamp(changes.asOf),
  revision: changes.revision,
  reset: changes.isReset,
  accounts: changes.accounts,
  ended_accounts: changes.endedAccounts.map(({ id, at }) => ({ id, at: timestamp(at) })),
  ended_sessions: changes.endedSessions.map(({ id, at }) => ({ id, at: timestamp(at) })),
  ended_tokens: changes.endedTokens.map(({ id, at }) => ({ id, at: timestamp(at) })),
  applications: changes.applications.map(({ id, status, keys }) => ({
    id,
    status,
    keys: keys.map(({ id: key, endsAt }) => ({
      id: key,
      ends_at: endsAt === null ? null : timestamp(endsAt),
    })),
  })),
  ending: changes.ending,
})
