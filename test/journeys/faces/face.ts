import type { Account, PlaceCollection } from '@authctl/sdk'
import type { TestDaemon } from '../../support/in-process.ts'

export type Role = Account['role']

/** Who is created: by whom is who asks. */
export interface Newcomer {
  readonly name: string
  readonly username: string
  readonly password: string
  readonly attributes?: Readonly<Record<string, string | number>>
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
  readonly signInByPhone: (number: string, readCode: () => Promise<string>) => Promise<void>
  readonly me: () => Promise<Account>
  readonly signOut: () => Promise<void>
  /** With `parent`, a sub-client below that client. */
  readonly create: (role: Exclude<Role, 'user'>, newcomer: Newcomer, parent?: string) => Promise<Account>
  readonly get: (id: string) => Promise<Account>
  /** Those of a role below oneself, in pages of `limit`, put together. */
  readonly list: (role: Role, limit: number) => Promise<Account[]>
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
  readonly close: () => void
}

/** One way to speak to authctl. */
export interface Face {
  readonly name: string
  /** The code for who has signed out: those that hold the session know it without asking the daemon. */
  readonly afterSignOut: 'invalid_token' | 'not_signed_in'
  /** Somebody who comes for the first time. */
  readonly person: (daemon: TestDaemon) => Person
}
