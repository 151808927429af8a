import * as operations from '../operations.gen.ts'
import { listPages, type Page } from '../page.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  Account,
  AccountChanges,
  AccountReply,
  AccountsListQuery,
  Detail,
  SessionList,
  SessionsRevoked,
} from '../types.gen.ts'

/** The operations of accounts of any role. */
export const accounts = (sender: Sender) => ({
  /** The accounts below the caller, oldest first; iterate the page to read them all. */
  list: (query?: AccountsListQuery, options?: CallOptions): Promise<Page<Account>> =>
    listPages(sender, operations.accountsList, query, options),
  /** One account that the caller may see. */
  get: (id: string, options?: CallOptions): Promise<Account> =>
    sender.send(operations.accountsGet, { params: { id } }, options),
  /** Ends its sessions and stops its sign-ins, and cuts off everything below it until it is enabled again. */
  disable: (id: string, options?: CallOptions): Promise<AccountReply> =>
    sender.send(operations.accountsDisable, { params: { id } }, options),
  /** Lets a disabled account sign in again. */
  enable: (id: string, options?: CallOptions): Promise<AccountReply> =>
    sender.send(operations.accountsEnable, { params: { id } }, options),
  /** Changes fields of an account; `ifMatch` is the `version` that was read. */
  update: (
    id: string,
    body: AccountChanges,
    options: CallOptions & { readonly ifMatch: number | string },
  ): Promise<AccountReply> => sender.send(operations.accountsUpdate, { params: { id }, body }, options),
  /** Deletes an account that has none below it. */
  delete: (id: string, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.accountsDelete, { params: { id } }, options),
  /** The live sessions of an account. */
  sessions: (id: string, options?: CallOptions): Promise<SessionList> =>
    sender.send(operations.accountsSessions, { params: { id } }, options),
  /** Ends every session of an account. */
  revokeSessions: (id: string, options?: CallOptions): Promise<SessionsRevoked> =>
    sender.send(operations.accountsRevokeSessions, { params: { id } }, options),
})
