import type { CreateIndexesOptions, Document } from 'mongodb'
import { ACCOUNT_STATUSES, ROLE_NAMES } from '../../domain/account.ts'
import { APPLICATION_STATUSES } from '../../domain/application.ts'
import { DEVICE_STATES } from '../../domain/device.ts'
import type { CollectionName } from './collections.ts'

/**
 * What one collection must be like. Indexes by name, so that a changed one gets a new name and its
 * predecessor is dropped by a migration.
 */
export interface CollectionSchema {
  readonly validator: Document
  readonly indexes: readonly {
    readonly name: string
    readonly key: Readonly<Record<string, 1 | -1>>
    readonly options?: CreateIndexesOptions
    /**
     * A second guard of what reservations keep unique; a sharded cluster cannot have it, because it does not
     * contain the shard key.
     */
    readonly unlessSharded?: true
  }[]
}

const TEXT = { bsonType: 'string' }
const TEXT_OR_NULL = { bsonType: ['string', 'null'] }
const NUMBER = { bsonType: 'number' }
const NUMBER_OR_NULL = { bsonType: ['number', 'null'] }
const ABANDONED_SECONDS = 24 * 3600

const requiring = (
  properties: Record<string, Document>,
  optional: Record<string, Document> = {},
): Document => ({
  $jsonSchema: {
    bsonType: 'object',
    required: ['_id', ...Object.keys(properties)],
    properties: { _id: TEXT, ...properties, ...optional },
  },
})

const live = { partialFilterExpression: { state: 'live' } }

/** The collections as they are now. */
export const COLLECTIONS: Readonly<Record<CollectionName, CollectionSchema>> = {
  accounts: {
    validator: requiring(
      {
        state: { enum: ['pending', 'live', 'void'] },
        role: { enum: ROLE_NAMES },
        status: { enum: ACCOUNT_STATUSES },
        username: TEXT_OR_NULL,
        usernameKey: TEXT_OR_NULL,
        phone: TEXT_OR_NULL,
        parentId: TEXT_OR_NULL,
        path: TEXT,
        passwordHash: TEXT_OR_NULL,
        attributes: { bsonType: 'object' },
        scopes: { bsonType: 'array', items: TEXT },
        order: TEXT,
        epoch: NUMBER,
        version: NUMBER,
        createdAt: NUMBER,
        updatedAt: NUMBER,
      },
      {
        pendingSince: { bsonType: 'date' },
        policies: { bsonType: 'array', items: TEXT },
        boundary: TEXT_OR_NULL,
        attached: { bsonType: 'array', items: TEXT },
      },
    ),
    indexes: [
      { name: 'list', key: { scopes: 1, role: 1, status: 1, order: 1 }, options: live },
      {
        name: 'children',
        key: { parentId: 1, scopes: 1, role: 1, status: 1, order: 1 },
        // End users, who are most, have no parent, and nobody asks for those without one.
        options: { partialFilterExpression: { state: 'live', parentId: { $gt: '' } } },
      },
      {
        name: 'username',
        key: { usernameKey: 1 },
        options: {
          unique: true,
          partialFilterExpression: { state: 'live', usernameKey: { $type: 'string' } },
        },
        unlessSharded: true,
      },
      {
        name: 'phone',
        key: { role: 1, phone: 1 },
        options: { unique: true, partialFilterExpression: { state: 'live', phone: { $type: 'string' } } },
        unlessSharded: true,
      },
      {
        name: 'attached',
        key: { attached: 1 },
        options: { partialFilterExpression: { attached: { $exists: true } } },
      },
      {
        name: 'not_live',
        key: { pendingSince: 1 },
        options: { expireAfterSeconds: ABANDONED_SECONDS, sparse: true },
      },
    ],
  },
  applications: {
    validator: requiring(
      {
        ownerId: TEXT,
        ownerPath: TEXT,
        name: TEXT,
        status: { enum: APPLICATION_STATUSES },
        policies: { bsonType: ['array', 'null'], items: TEXT },
        keys: { bsonType: 'array', items: { bsonType: 'object' } },
        scopes: { bsonType: 'array', items: TEXT },
        createdAt: NUMBER,
        updatedAt: NUMBER,
        version: NUMBER,
      },
      { publicKeys: { bsonType: 'array', items: { bsonType: 'object' } } },
    ),
    indexes: [
      { name: 'list', key: { scopes: 1, _id: 1 } },
      { name: 'naming', key: { policies: 1 } },
    ],
  },
  reservations: { validator: requiring({ accountId: TEXT }), indexes: [] },
  otps: {
    validator: requiring(
      {
        phone: TEXT,
        purpose: TEXT,
        clientId: TEXT,
        challengeId: TEXT,
        codeMac: TEXT,
        expiresAt: NUMBER,
        consumedAt: NUMBER_OR_NULL,
        tries: NUMBER,
        wrongCount: NUMBER,
        wrongUntil: NUMBER,
        deliverAfter: NUMBER,
        removableAt: NUMBER,
      },
      { sealedCode: TEXT },
    ),
    indexes: [
      {
        name: 'due',
        key: { deliverAfter: 1, expiresAt: 1 },
        options: { partialFilterExpression: { sealedCode: { $exists: true } } },
      },
      { name: 'removable', key: { removableAt: 1 } },
    ],
  },
  sessions: {
    validator: requiring({
      accountId: TEXT,
      epoch: NUMBER,
      clientId: TEXT,
      createdAt: NUMBER,
      idleExpiresAt: NUMBER,
      absoluteExpiresAt: NUMBER,
      revokedAt: NUMBER_OR_NULL,
      rotation: NUMBER,
      rotatedAt: NUMBER,
      tokenDigest: TEXT,
    }),
    indexes: [
      // Nothing that a refresh changes: only `expiry` follows it.
      { name: 'newest', key: { accountId: 1, revokedAt: 1, createdAt: -1, _id: 1 } },
      { name: 'expiry', key: { idleExpiresAt: 1 } },
    ],
  },
  refresh_keys: {
    validator: requiring({ epoch: NUMBER, mac: TEXT, wrongTries: NUMBER, setAt: NUMBER }),
    indexes: [],
  },
  limits: {
    validator: requiring({ expiresAt: NUMBER }),
    indexes: [{ name: 'expiry', key: { expiresAt: 1 } }],
  },
  idempotency: {
    validator: requiring({
      fingerprint: TEXT,
      leaseUntil: NUMBER,
      expiresAt: NUMBER,
      sealedReply: TEXT_OR_NULL,
    }),
    indexes: [{ name: 'expiry', key: { expiresAt: 1 } }],
  },
  leases: { validator: requiring({ slot: NUMBER, fence: NUMBER, expiresAt: NUMBER }), indexes: [] },
  signing_keys: {
    validator: requiring({
      kid: TEXT,
      alg: TEXT,
      publicJwk: TEXT,
      sealedPrivateJwk: TEXT,
      createdAt: NUMBER,
      sequence: NUMBER,
      activeFrom: NUMBER,
      revokedAt: NUMBER_OR_NULL,
    }),
    indexes: [{ name: 'kid', key: { kid: 1 } }],
  },
  policy_texts: { validator: requiring({ content: TEXT }), indexes: [] },
  policy_heads: { validator: requiring({ revision: TEXT, number: NUMBER }), indexes: [] },
  places: {
    validator: requiring({ type: TEXT, name: TEXT, longitude: NUMBER, latitude: NUMBER, revision: NUMBER }),
    indexes: [
      { name: 'position', key: { latitude: 1, longitude: 1, type: 1, _id: 1 } },
      { name: 'type', key: { type: 1, _id: 1 } },
      {
        name: 'deleted',
        key: { deletedAt: 1 },
        options: { expireAfterSeconds: ABANDONED_SECONDS, sparse: true },
      },
    ],
  },
  daemons: {
    validator: requiring({
      host: TEXT,
      version: TEXT,
      liveUntil: NUMBER,
      expiresAt: NUMBER,
      beat: NUMBER,
      headsDigest: TEXT,
      heads: { bsonType: 'array' },
      uses: { bsonType: 'array' },
      shadows: { bsonType: 'array' },
    }),
    indexes: [{ name: 'expiry', key: { expiresAt: 1 } }],
  },
  devices: {
    validator: requiring({
      digest: TEXT,
      clientId: TEXT,
      ip: TEXT_OR_NULL,
      userAgent: TEXT_OR_NULL,
      createdAt: NUMBER,
      expiresAt: NUMBER,
      state: { enum: DEVICE_STATES },
      accountId: TEXT_OR_NULL,
      epoch: NUMBER_OR_NULL,
      intervalMs: NUMBER,
      pollAfter: NUMBER,
    }),
    indexes: [
      { name: 'expiry', key: { expiresAt: 1 } },
      { name: 'account', key: { accountId: 1 } },
    ],
  },
  spent: {
    validator: requiring({ expiresAt: NUMBER }),
    indexes: [{ name: 'expiry', key: { expiresAt: 1 } }],
  },
  agents: {
    validator: requiring({
      audience: TEXT,
      ownerPath: TEXT,
      revision: TEXT,
      expiresAt: NUMBER,
      heads: { bsonType: 'array' },
      denials: { bsonType: 'array' },
    }),
    indexes: [
      { name: 'expiry', key: { expiresAt: 1 } },
      { name: 'owner', key: { ownerPath: 1, _id: 1 } },
    ],
  },
  guards: { validator: requiring({}), indexes: [] },
}
