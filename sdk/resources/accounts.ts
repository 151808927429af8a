import { readPage, type Page } from '../page.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Account, AccountPage, AccountReply, AccountsListQuery } from '../types.gen.ts'

export const accounts = (sender: Sender) => ({
  /** The accounts below the caller, oldest first; iterate the page to read them all. */
  list: (query: AccountsListQuery = {}, options?: CallOptions): Promise<Page<Account>> =>
    readPage(
      (cursor) => sender.send<AccountPage>('accounts.list', { query: { ...query, cursor } }, options),
      query.cursor,
    ),
  /** One account that the caller may see. */
  get: (id: string, options?: CallOptions): Promise<Account> =>
    sender.send('accounts.get', { params: { id } }, options),
  /** Ends its sessions and stops its sign-ins, and those of everything below it. */
  disable: (id: string, options?: CallOptions): Promise<AccountReply> =>
    sender.send('accounts.disable', { params: { id } }, options),
  /** Lets a disabled account sign in again. */
  enable: (id: string, options?: CallOptions): Promise<AccountReply> =>
    sender.send('accounts.enable', { params: { id } }, options),
})
