import type { Account } from '../../domain/account.ts'
import { isActive } from '../../domain/session.ts'
import type { CodeProof, CodeRefusal, CodeSignIn, SignInStore } from '../../ports/stores/index.ts'
import { createPhoneHolders } from './accounts.ts'
import type { Database } from './database.ts'
import { createConfirmation } from './limits.ts'
import { createCodeAttempts } from './otps.ts'
import { createUnlock } from './refresh-keys.ts'
import { createSessionInsertion } from './sessions.ts'

/** Sign-ins on SQLite, each of them one commit. */
export const createSignInStore = (db: Database): SignInStore => {
  const sent = db.reading('SELECT 1 FROM otps WHERE phone = :phone AND purpose = :purpose')
  const attempts = createCodeAttempts(db)
  const holders = createPhoneHolders(db)
  const unlock = createUnlock(db)
  const confirm = createConfirmation(db)
  const insertSession = createSessionInsertion(db)

  const findOrMake = ({ role, forms, newcomer }: CodeSignIn): Pick<CodeProof, 'account' | 'created'> => {
    for (const form of forms) {
      const account = holders.find(role, form)
      if (account !== undefined) return { account, created: false }
    }
    if (newcomer === undefined) return { account: undefined, created: false }
    const account = newcomer()
    holders.insert(account)
    return { account, created: true }
  }

  const open = (
    account: Account,
    { sessionOf, mostLive }: CodeSignIn,
    created: boolean,
  ): CodeProof['session'] => {
    const session = sessionOf(account)
    // One that was made just now has no key.
    if (!created) unlock(account.id)
    insertSession(session, mostLive)
    return session
  }

  const signIn = (asked: CodeSignIn): CodeRefusal | CodeProof => {
    const outcome = attempts.atPresent(asked.attempt, asked.macOf)
    if (outcome === undefined) return { kind: 'unknown' }
    if (outcome.kind !== 'consumed') return outcome
    confirm(asked.confirms, asked.attempt.now)
    const { account, created } = findOrMake(asked)
    const lineage = account === undefined ? [] : holders.lineageOf(account)
    const session = account !== undefined && isActive(lineage) ? open(account, asked, created) : undefined
    return { kind: 'proved', account, created, lineage, session }
  }

  return {
    // Where no code was sent, nothing is to be written.
    byCode: async (asked) => {
      const { phone, purpose } = asked.attempt
      if ((await db.read(() => sent.get({ phone, purpose }))) === undefined) return { kind: 'unknown' }
      return db.write(() => signIn(asked))
    },
  }
}
