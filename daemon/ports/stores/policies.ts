import type { AccountId } from '../../domain/account.ts'

/** Which revision of a namespace is in force. */
export interface PolicyHead {
  /** `root`, or the id of the account whose policies they are. */
  readonly namespace: string
  /** The id of the revision. */
  readonly revision: string
  /** How many revisions came before it, and one. */
  readonly number: number
}

/** A text under the digest of itself; it never changes. */
export interface ContentAddressed {
  readonly hash: string
  readonly content: string
}

/** Keeps the revisions of policies, and which one is in force in each namespace. */
export interface PolicyStore {
  /** The head of every namespace that has one. */
  heads(): Promise<PolicyHead[]>
  /** Those of these texts, revisions and documents, that exist. */
  read(hashes: readonly string[]): Promise<ContentAddressed[]>
  /**
   * Keeps the texts (those that are there already, anew) and moves the head of a namespace from one revision
   * (null: it has none yet) to another,
   * which is among them or was kept before. False: the head is elsewhere by now, and it stays. Nobody sees
   * the head moved before all texts are there. `owner` is the account of the namespace, null for that of the
   * root. `not_found`: it is gone, and has no head.
   */
  moveHead(move: {
    head: PolicyHead
    from: string | null
    texts: readonly ContentAddressed[]
    owner: AccountId | null
    now: number
  }): Promise<boolean>
  /** The hashes of the texts in their order, after one of them (empty: from the first). */
  listTexts(page: { after: string; limit: number }): Promise<string[]>
  /**
   * Deletes texts that nothing names; answers how many. `heads` are those by which that was found, and
   * `keptBefore` is some time before they were read: a text that was kept since stays, and none is deleted
   * once a head has moved. So no revision that is written meanwhile loses a text.
   */
  deleteTexts(sweep: {
    hashes: readonly string[]
    heads: readonly PolicyHead[]
    keptBefore: number
  }): Promise<number>
  /**
   * Calls back soon after a head may have moved; a hint, as that of the signing keys. Answers how to stop.
   */
  watch(changed: () => void): () => Promise<void>
}
