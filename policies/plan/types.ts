import type { Catalogue } from '../catalogue.ts'
import type { Context, OwnedLayer, PrincipalFacts } from '../engine/decide.ts'
import type {
  Attachment,
  Effect,
  Invariant,
  PolicyDocument,
  Service,
  Statement,
  Verdict,
} from '../language.ts'
import type { Steps } from '../steps.ts'
import type { Diagnostic } from '../text/diagnostics.ts'

/** The kinds of objects that a set owns. */
export const OBJECT_KINDS = ['service', 'document', 'attachment', 'invariant'] as const
/** One of {@link OBJECT_KINDS}. */
export type ObjectKind = (typeof OBJECT_KINDS)[number]

/** What a change does to an object. */
export const CHANGE_VERBS = ['create', 'update', 'delete'] as const
/** One of {@link CHANGE_VERBS}. */
export type ChangeVerb = (typeof CHANGE_VERBS)[number]

/** Where an object of a set comes from: what was true when it was changed the last time. */
export interface ObjectOrigin {
  /** The set that owns it. */
  readonly set: string
  /** `file:line:column`, relative to the root of the repository. */
  readonly source: string | null
  readonly commit: string | null
  /** Whether the checkout had changes that no commit has. */
  readonly dirty: boolean
  /** The account that applied it. */
  readonly actor: string | null
  /** The number of the revision that brought it. */
  readonly revision: number
}

interface Named {
  /**
   * A document by its `Id`, a service and an invariant by its name, an attachment by whom it selects
   * (`role=client tier=gold`) and, from the second with the same selector and owner on, ` #2`.
   */
  readonly name: string
  /** Null: made by hand, by single requests. */
  readonly origin: ObjectOrigin | null
}

/** One object of a namespace, as it is or as a set wants it. */
export type PolicyObject =
  | (Named & { readonly kind: 'service'; readonly value: Service })
  | (Named & {
      readonly kind: 'document'
      readonly value: PolicyDocument
      /** Where each statement stands, as `file:line:column`. */
      readonly statements_at?: readonly string[]
    })
  | (Named & { readonly kind: 'attachment'; readonly value: Attachment })
  | (Named & { readonly kind: 'invariant'; readonly value: Invariant })

/** The values of one element of a statement that differ; order and duplicates are no difference. */
export interface ElementChange {
  /** `Effect`, `Action`, `Resource`, …, or `Condition StringEquals resource.team`. */
  readonly element: string
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Those that both have. */
  readonly kept: readonly string[]
}

/** A statement that comes, goes or changes; nothing that names the right is left out. */
export interface StatementChange {
  readonly verb: ChangeVerb
  readonly sid: string | null
  /** Its number in the document that has it: in the new one, unless it goes; from 0. */
  readonly index: number
  readonly before: Statement | null
  readonly after: Statement | null
  /** For a statement that changes: what of it. */
  readonly elements: readonly ElementChange[]
}

/** An object that comes, goes or changes. */
export interface ObjectChange {
  readonly kind: ObjectKind
  readonly name: string
  readonly verb: ChangeVerb
  readonly before: PolicyObject['value'] | null
  readonly after: PolicyObject['value'] | null
  /** Whose it is before the change: a set, or null for one that was made by hand. */
  readonly owner: string | null
  /** Whether the set takes it over; the content may be the same then. */
  readonly adopts: boolean
  /** Where it is written, as `file:line:column`; of one that goes, where it was. */
  readonly source: string | null
  /** What changes inside, for documents. */
  readonly statements: readonly StatementChange[]
}

/** An object that the set names and does not own. Nothing is applied while there is one. */
export interface Conflict {
  readonly kind: ObjectKind
  readonly name: string
  /** The set that owns it; null: it was made by hand. */
  readonly owner: string | null
  readonly source: string | null
}

/** A request that is decided otherwise after the change. It reproduces by `access check` before and after. */
export interface Witness {
  /** The id of the account that asks. */
  readonly principal: string
  readonly action: string
  readonly resource: string
  /** What the application says with it; without the built-in keys. */
  readonly context: Context
  readonly before: Verdict
  readonly after: Verdict
}

/** The statement, or what else of a state, that makes the difference. */
export interface Cause {
  /** `namespace/name`, or `authctl:Name`. */
  readonly policy: string
  readonly sid: string | null
  readonly index: number
  readonly effect: Effect
  readonly source: string | null
}

/** Rights that several accounts gain or lose by one cause. */
export interface AccessChange {
  readonly verb: 'gain' | 'lose'
  /** A declared action. */
  readonly action: string
  /** The pattern of the resources, as a statement has it. */
  readonly resource: string
  /** The statement that allows it from now on, or denies it, or allowed it before; null: a layer is gone. */
  readonly cause: Cause | null
  /** How many accounts. */
  readonly accounts: number
  /** The first five of them by id. */
  readonly sample: readonly string[]
  readonly witness: Witness
}

/** How many rights, of how many accounts. */
export interface AccessCount {
  readonly rights: number
  readonly accounts: number
}

/** Who gains and loses what. */
export interface AccessDiff {
  readonly gained: AccessCount
  readonly lost: AccessCount
  /** Collapsed by cause; those that concern most accounts first, a bounded number of them. */
  readonly changes: readonly AccessChange[]
  readonly changes_total: number
  /** Accounts that could do something and can do nothing any more. */
  readonly shut: { readonly accounts: number; readonly sample: readonly string[] }
  /** How many accounts were asked: those whose layers the change touches. */
  readonly examined: number
}

/** An account whose layers a change touches, as the access diff asks it. */
export interface ExaminedAccount {
  readonly id: string
  readonly principal: PrincipalFacts
  /** What a request of it has by itself: `caller.*`, `request.ip` and `request.time`. */
  readonly context: Context
  /** Its own layers and those of every account above it, before the change and after. */
  readonly before: readonly OwnedLayer[]
  readonly after: readonly OwnedLayer[]
  /** What it could be asked about before, and can be after. Those of many accounts are the same object. */
  readonly catalogues: { readonly before: Catalogue; readonly after: Catalogue }
}

/** A difference that is found account by account, so that others may be served between two. */
export interface AccessComparison {
  readonly add: (account: ExaminedAccount) => void
  /** The same in steps of well under ten milliseconds. */
  readonly steps: (account: ExaminedAccount) => Steps<void>
  readonly result: () => AccessDiff
  /** The same in steps. */
  readonly resultSteps: () => Steps<AccessDiff>
}

/** Begins a comparison: what `access.ts` exports as `createAccessComparison`, and the server calls. */
export type CreateAccessComparison = () => AccessComparison

/** The statements that differ between two texts of a document; null: it is not there. In `statements.ts`. */
export type DiffStatements = (
  before: PolicyDocument | null,
  after: PolicyDocument | null,
) => StatementChange[]

/** Why the server would not apply the plan: a code of its error catalogue, and what it would say. */
export interface Refusal {
  readonly code: string
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
}

/** What an apply may do at most; null: any number. */
export interface PlanLimits {
  readonly max_gain: number | null
  readonly max_lose: number | null
  readonly max_deletes: number | null
}

/** What a plan is made of, beside the files. */
export interface PlanOrder {
  /** `root`, or the id of the account whose policies they are. */
  readonly namespace: string
  /** The set; null for a rollback, which is about all objects of the namespace. */
  readonly set: string | null
  /** The revision that is brought back; null for a set. */
  readonly rollback_to: string | null
  /** The folder of the set, relative to the root of the repository. */
  readonly directory: string
  readonly commit: string | null
  readonly dirty: boolean
  /** Whether own objects that the files do not have any more are deleted. */
  readonly prune: boolean
  /** Whether those of them go too by which something was allowed lately. */
  readonly prune_used: boolean
  /** Objects of others that the set takes over, as `kind/name`. */
  readonly adopt: readonly string[]
  readonly allow_lockout: boolean
  readonly limits: PlanLimits
}

/** An object that no file has any more, and that stays. */
export interface SparedObject {
  readonly kind: ObjectKind
  readonly name: string
  /** Whether it stays because something was allowed by it lately, though others are pruned. */
  readonly in_use: boolean
}

/**
 * What the server would do, and by which state of its own: signed, so that a file of it is evidence. Instants
 * are RFC 3339 in UTC.
 */
export interface Plan {
  readonly version: 1
  readonly order: PlanOrder
  /** The files by path inside the folder, each with the SHA-256 of its text, base64url. */
  readonly files: readonly { readonly path: string; readonly hash: string }[]
  /** The revision that is in force; null before the first change. */
  readonly base: { readonly revision: string | null; readonly number: number }
  /** The account that asked for it. */
  readonly actor: string
  readonly created_at: string
  readonly expires_at: string
  readonly changes: readonly ObjectChange[]
  /**
   * Objects of the set that the files do not have, and that stay because nothing is pruned, or they are used.
   */
  readonly spared: readonly SparedObject[]
  readonly access: AccessDiff
  readonly warnings: readonly Diagnostic[]
  readonly conflicts: readonly Conflict[]
  /** Empty: the server would apply it as things stand. */
  readonly refusals: readonly Refusal[]
  /** The SHA-256 of what would be in force; the same for the same state. */
  readonly digest: string
  /** A MAC of the server over all the rest. */
  readonly signature: string
}
