import type {
  AccessDecision,
  Account,
  Attachments,
  ExplainedDecision,
  PlaceCollection,
  PolicyDocument,
  ServiceDeclaration as Declaration,
} from '@authctl/sdk'
import type { TestDaemon } from '../../support/in-process.ts'

export type Role = Account['role']

/** Who is created: by whom is who asks. */
export interface Newcomer {
  readonly name: string
  readonly username: string
  readonly password: string
  readonly number?: string
  readonly attributes?: Readonly<Record<string, string | number>>
  readonly policies?: readonly string[]
}

/** May somebody do this to that? */
export interface Question {
  readonly action: string
  readonly resource: string
  readonly principal?: string
  readonly context: Readonly<Record<string, number>>
}

/**
 * What a face answers when the daemon refuses: the code of the catalogue, which is the same in every face.
 */
export class Refused extends Error {
  readonly code: string
  constructor(code: string) {
    super(`refused: ${code}`)
    this.code = code
  }
}

/**
 * A person at a face of authctl, with a session of its own. Every method rejects with `Refused` when the
 * daemon refuses.
 */
export interface Person {
  /** Becomes the first super-admin; not signed in by it. */
  readonly bootstrap: (setupToken: string, newcomer: Newcomer) => Promise<void>
  readonly signIn: (role: Role, username: string, password: string) => Promise<void>
  /** Has a code sent, and signs in with what `readCode` then says. */
  readonly signInByPhone: (
    role: Exclude<Role, 'super-admin'>,
    number: string,
    readCode: () => Promise<string>,
  ) => Promise<void>
  /** Gets a new access token by what the session holds. */
  readonly renew: () => Promise<void>
  /** Not on the command line, which keeps a refresh token. */
  readonly refreshKeys?: {
    readonly set: (key: string, old?: string) => Promise<void>
    readonly regenerate: (key: string) => Promise<void>
  }
  readonly me: () => Promise<Account>
  readonly signOut: () => Promise<void>
  /** With `parent`, a client below that admin, or a sub-client below that client. */
  readonly create: (role: Exclude<Role, 'user'>, newcomer: Newcomer, parent?: string) => Promise<Account>
  readonly get: (id: string) => Promise<Account>
  /** Those of a role below oneself, in pages of `limit`, put together. */
  readonly list: (role: Role, limit: number) => Promise<Account[]>
  readonly rename: (id: string, name: string) => Promise<Account>
  readonly sessionsOf: (id: string) => Promise<readonly unknown[]>
  readonly disable: (id: string) => Promise<Account>
  readonly enable: (id: string) => Promise<Account>
  readonly delete: (id: string) => Promise<void>
  readonly importPlaces: (
    places: PlaceCollection,
  ) => Promise<{ created: number; updated: number; unchanged: number }>
  /** Ids and distances, nearest first. */
  readonly placesNear: (
    near: string,
    radius: number,
  ) => Promise<{ id: string; distance_m?: number | undefined }[]>
  readonly putService: (declaration: Declaration) => Promise<{ namespace: string }>
  readonly serviceNames: () => Promise<string[]>
  readonly deleteService: (name: string) => Promise<void>
  /** Over what is there; what the answer says of it. */
  readonly putPolicy: (document: PolicyDocument) => Promise<string>
  readonly policyNames: () => Promise<string[]>
  readonly deletePolicy: (name: string) => Promise<void>
  readonly attach: (id: string, policy: string) => Promise<Account>
  readonly detach: (id: string, policy: string) => Promise<Account>
  readonly setBoundary: (id: string, policy: string | null) => Promise<Account>
  /** Replaces those of one's own namespace; what is there then. */
  readonly putAttachments: (attachments: Attachments) => Promise<readonly unknown[]>
  readonly check: (question: Question) => Promise<AccessDecision>
  readonly explain: (decisionId: string) => Promise<ExplainedDecision>
  /** The ids of those who can. */
  readonly whoCan: (question: Question) => Promise<string[]>
  readonly close: () => void
}

/** One way to speak to authctl. */
export interface Face {
  readonly name: string
  /** The code for who has signed out: those that hold the session know it without asking the daemon. */
  readonly afterSignOut: 'invalid_token' | 'not_signed_in'
  readonly hasRefreshKeys: boolean
  /** Somebody who comes for the first time. */
  readonly person: (daemon: TestDaemon) => Person
}
