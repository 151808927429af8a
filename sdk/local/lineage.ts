import type { AccountFacts } from '../types.gen.ts'
import { accountFacts, principalFacts, type Context, type PrincipalFacts } from './engine.ts'
import type { Standing } from './standing.ts'

/**
 * An account with those above it, from the owner of the application on. It has little of its own: among
 * thousands of accounts it is memory that takes the time of a decision.
 */
export class Lineage {
  /** Top first, the account itself last. */
  readonly accounts: readonly AccountFacts[]
  /** The account as the owner of its policies. */
  readonly principal: PrincipalFacts
  /** Asked for since there was last a look for room. */
  isUsed = false
  /** What the policies that were asked last have made of it. */
  standing: Standing | undefined
  #caller: Context | undefined

  constructor(accounts: readonly AccountFacts[]) {
    this.accounts = accounts
    this.principal = principalFacts(this.account)
  }

  /** The account itself. */
  get account(): AccountFacts {
    return this.accounts[this.accounts.length - 1] as AccountFacts
  }

  /** The account as who asks. */
  get caller(): Context {
    return (this.#caller ??= accountFacts('caller', this.account))
  }
}
