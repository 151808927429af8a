import type { Account } from '../../domain/account.ts'
import { isActive } from '../../domain/session.ts'
import type { CodeProof, CodeSignIn, SignInStore, Store } from '../../ports/stores/index.ts'
import { createCodes } from './codes.ts'
import type { Collections } from './collections.ts'
import { settling, type Connection } from './connection.ts'

type Verbs = Pick<Store, 'accounts' | 'sessions' | 'refreshKeys' | 'limits'>
type Opened = Pick<CodeProof, 'account' | 'lineage' | 'session'>

/**
 * Sign-ins on MongoDB: the code is consumed by one conditional write, and what follows comes after it. Only
 * the account is looked up beside that write, for the right code only, and it is read again when
 * its session is stored: no session is handed out for an account that was not active after the code was used.
 */
export const createSignInStore = (
  connection: Connection,
  collections: Pick<Collections, 'otps'>,
  { accounts, sessions, refreshKeys, limits }: Verbs,
): SignInStore => {
  const codes = createCodes(collections)

  const find = async ({ role, forms }: CodeSignIn): Promise<Account | undefined> => {
    for (const form of forms) {
      const account = await accounts.findByPhone(role, form)
      if (account !== undefined) return account
    }
    return undefined
  }

  /** The account and those above it as they are now, top first; empty where it is gone. */
  const lineageOf = async ({ id, path }: Account): Promise<Account[]> => {
    const lineage = await accounts.getLineage(path)
    return lineage.at(-1)?.id === id ? lineage : []
  }

  /**
   * Stores a session while it reads the account again; undefined where that has another epoch by now, so that
   * the session is void. One that is not handed out is ended.
   */
  const openOnce = async (
    account: Account,
    asked: CodeSignIn,
    created: boolean,
  ): Promise<Opened | undefined> => {
    const session = asked.sessionOf(account)
    const [lineage] = await Promise.all([
      lineageOf(account),
      sessions.insert(session, asked.mostLive),
      // One that was made just now has no key.
      created ? undefined : refreshKeys.unlock(account.id),
    ])
    const present = lineage.at(-1)
    if (present?.epoch === account.epoch && isActive(lineage)) return { account: present, lineage, session }
    await sessions.revoke({ id: session.id, accountId: account.id, now: session.createdAt })
    return isActive(lineage) ? undefined : { account: present, lineage, session: undefined }
  }

  /**
   * One with others above it waits for them first, so that no older session ends for one that is not handed
   * out; so does one whose epoch has changed.
   */
  const open = (found: Account, asked: CodeSignIn, created: boolean): Promise<Opened> => {
    let isKnown = found.parentId === null
    return settling(async () => {
      const lineage = isKnown ? [found] : await lineageOf(found)
      isKnown = false
      const account = lineage.at(-1)
      if (account === undefined || !isActive(lineage)) return { account, lineage, session: undefined }
      return openOnce(account, asked, created)
    })
  }

  const follow = async (found: Account | undefined, asked: CodeSignIn): Promise<CodeProof> => {
    const { account, created } =
      found !== undefined || asked.newcomer === undefined
        ? { account: found, created: false }
        : await accounts.getOrInsertUser(asked.newcomer())
    if (account === undefined) return { kind: 'proved', account, created, lineage: [], session: undefined }
    return { kind: 'proved', created, ...(await open(account, asked, created)) }
  }

  const confirm = async ({ confirms, attempt }: CodeSignIn): Promise<void> => {
    if (confirms.length > 0) await limits.confirm(confirms, attempt.now)
  }

  return {
    byCode: async (asked) => {
      const { phone, purpose } = asked.attempt
      const code = await connection.run(() => codes.read(phone, purpose))
      if (code === undefined) return { kind: 'unknown' }
      const { challengeId } = code
      const attempt = { ...asked.attempt, challengeId, codeMac: asked.macOf(challengeId) }
      // Whether there is an account is looked up for the right code only: nobody else can tell by the time.
      const [outcome, found] = await Promise.all([
        connection.run(() => codes.attemptAt(attempt, code)),
        codes.isRight(attempt, code) ? find(asked) : undefined,
      ])
      if (outcome.kind !== 'consumed') return outcome
      const [proof] = await Promise.all([follow(found, asked), confirm(asked)])
      return proof
    },
  }
}
