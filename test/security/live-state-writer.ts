import type { AccountId } from '../../daemon/domain/account.ts'
import type { SessionId } from '../../daemon/domain/session.ts'
import { aSession, anAccount, MANY } from '../stores/samples.ts'
import { openTestStore } from '../support/test-store.ts'

/** Something that another process does to the store, told when it was acknowledged. */
export type Order =
  | { readonly do: 'make' }
  | { readonly do: 'disable' | 'enable' | 'delete'; readonly id: AccountId }
  | { readonly do: 'revoke'; readonly id: AccountId; readonly session: SessionId }
  | { readonly do: 'revoke-all'; readonly id: AccountId }

const [dataDir = ''] = process.argv.slice(2)
const store = await openTestStore(dataDir)

const obey = async (order: Order): Promise<object> => {
  const now = Date.now()
  if (order.do === 'make') {
    const account = anAccount()
    const session = aSession({ accountId: account.id })
    await store.accounts.insert(account)
    await store.sessions.insert(session, MANY)
    return { id: account.id, session: session.id }
  }
  const { id } = order
  if (order.do === 'delete') await store.accounts.delete({ id, now })
  else if (order.do === 'revoke') await store.sessions.revoke({ id: order.session, accountId: id, now })
  else if (order.do === 'revoke-all') await store.sessions.revokeAll({ accountId: id, except: null, now })
  else await store.accounts.setStatus({ id, status: order.do === 'disable' ? 'disabled' : 'active', now })
  return {}
}

const answer = async (order: Order): Promise<void> => void process.send?.(await obey(order))

process.on('message', (order: Order) => void answer(order))
process.on('disconnect', () => void store.close())
process.send?.({ ready: true })
