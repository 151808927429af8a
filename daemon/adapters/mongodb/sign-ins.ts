import { isActive } from '../../domain/session.ts'
import type { CodeProof, CodeSignIn, SignInStore, Store } from '../../ports/stores/index.ts'

/**
 * Sign-ins on MongoDB, of the verbs of the other stores: the code is consumed by one conditional write, and
 * what follows comes after it.
 */
export const createSignInStore = ({
  accounts,
  otps,
  sessions,
  refreshKeys,
  limits,
}: Pick<Store, 'accounts' | 'otps' | 'sessions' | 'refreshKeys' | 'limits'>): SignInStore => {
  const findOrMake = async ({
    role,
    forms,
    newcomer,
  }: CodeSignIn): Promise<Pick<CodeProof, 'account' | 'created'>> => {
    for (const form of forms) {
      const account = await accounts.findByPhone(role, form)
      if (account !== undefined) return { account, created: false }
    }
    return newcomer === undefined
      ? { account: undefined, created: false }
      : accounts.getOrInsertUser(newcomer())
  }

  const lineageOf = async (account: CodeProof['account']): Promise<CodeProof['lineage']> => {
    if (account === undefined) return []
    return account.parentId === null ? [account] : accounts.getLineage(account.path)
  }

  const follow = async (asked: CodeSignIn): Promise<CodeProof> => {
    const { account, created } = await findOrMake(asked)
    const lineage = await lineageOf(account)
    if (account === undefined || !isActive(lineage))
      return { kind: 'proved', account, created, lineage, session: undefined }
    const session = asked.sessionOf(account)
    await Promise.all([sessions.insert(session, asked.mostLive), refreshKeys.unlock(account.id)])
    return { kind: 'proved', account, created, lineage, session }
  }

  const confirm = async ({ confirms, attempt }: CodeSignIn): Promise<void> => {
    if (confirms.length > 0) await limits.confirm(confirms, attempt.now)
  }

  return {
    byCode: async (asked) => {
      const { phone, purpose } = asked.attempt
      const challenge = await otps.find(phone, purpose)
      if (challenge === undefined) return { kind: 'unknown' }
      const { challengeId } = challenge
      const codeMac = asked.macOf(challengeId)
      const outcome = await otps.consume({ ...asked.attempt, challengeId, codeMac })
      if (outcome.kind !== 'consumed') return outcome
      const [proof] = await Promise.all([follow(asked), confirm(asked)])
      return proof
    },
  }
}
