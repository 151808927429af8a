import type { Role } from '../domain/account.ts'
import type { SmsBudget } from '../domain/sms-budget.ts'
import type { Audit } from '../ports/audit.ts'
import type { Clock } from '../ports/clock.ts'
import type { PasswordHasher, PublicKeys, Random, TokenSigner, Vault } from '../ports/crypto.ts'
import type { Meter } from '../ports/meter.ts'
import type { Recorder } from '../ports/recorder.ts'
import type { SetupToken } from '../ports/setup-token.ts'
import type { OtpDelivery, Store } from '../ports/stores/index.ts'
import type { EditNamespace, PrepareChange } from './policies/change.ts'
import type { ShadowComparison } from './access/shadow.ts'
import type { PolicyUses } from './access/uses.ts'
import type { SigningKeys } from './keys/signing-keys.ts'
import type { LocalFeed } from './local/feed.ts'
import type { Views } from './local/views.ts'
import type { FollowedPolicies } from './policies/follow.ts'

/** What the operator decides about sign-in. */
export interface AuthSettings {
  readonly accessTokenSeconds: number
  readonly refreshGraceMs: number
  /** Live sessions of one account at a time. */
  readonly maxSessions: number
  readonly sessionIdleSeconds: Readonly<Record<Role, number>>
  readonly sessionAbsoluteSeconds: Readonly<Record<Role, number>>
  readonly otpSeconds: number
  readonly otpDigits: number
  readonly defaultRegion: string
  readonly limitsOn: boolean
  /** Names that people know the service by, which passwords are not made of. */
  readonly serviceNames: readonly string[]
  /** A10: codes that one address may try in ten minutes. */
  readonly otpVerifiesPerAddress: number
  /** F2: numbers that one address may ask codes for in an hour. */
  readonly otpNumbersPerAddress: number
  readonly sms: SmsBudget
}

/** What the sender gets along with a code that was saved a moment ago by the same daemon. */
export interface HandedCode {
  /** So that it need not be opened again; where it waits it is sealed all the same. */
  readonly code: string
  readonly traceparent?: string | undefined
}

/** What use cases are made of. */
export interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly vault: Vault
  readonly hasher: PasswordHasher
  readonly signer: TokenSigner
  readonly publicKeys: PublicKeys
  readonly random: Random
  readonly audit: Audit
  readonly setupToken: SetupToken
  readonly settings: AuthSettings
  /** The policies in force. */
  readonly policies: FollowedPolicies
  /** Changes the policies of a namespace: one for the daemon, so that its changes wait for one another. */
  readonly edit: EditNamespace
  /** The same change prepared, and nothing written. */
  readonly prepare: PrepareChange
  readonly meter: Meter
  /** What stands in the shadow of the policies, compared with them. */
  readonly shadow: ShadowComparison
  /** What has allowed something lately. */
  readonly uses: PolicyUses
  /** The policies as applications see them. */
  readonly views: Views
  /** Tells applications what changes. */
  readonly feed: LocalFeed
  /** Keeps a sample of the decisions. */
  readonly recorder: Recorder
  /** The keys that sign access tokens; undefined while those are HS256 under JWT_SECRET. */
  readonly signingKeys: SigningKeys | undefined
  /** Hands a saved code to the sender without waiting for it. */
  readonly deliver: (delivery: OtpDelivery, handed: HandedCode) => void
}

/** What work on the host needs: no tokens are issued, nothing is sent, nobody is refused. */
export type CoreDeps = Omit<
  Deps,
  | 'signer'
  | 'signingKeys'
  | 'deliver'
  | 'policies'
  | 'edit'
  | 'prepare'
  | 'meter'
  | 'recorder'
  | 'uses'
  | 'shadow'
  | 'views'
  | 'feed'
>

/** The application that signs in when none is named. */
export const DEFAULT_APPLICATION_ID = 'authctl'
