import type { Account } from '../domain/account.ts'
import type { CreatedAccount } from '../usecases/accounts/create.ts'
import { entityTag, type Reply } from './reply.ts'
import { toAccount, toToken } from './views.ts'

/** The version of an account is its entity tag. */
export const accountTag = ({ version }: Account) => entityTag(String(version))

/** The answer of a route that made an account, with the tokens that sign it in. */
export const createdReply = (noun: string, { account, token }: CreatedAccount): Reply => ({
  status: 201,
  body: {
    detail: `${noun} created successfully`,
    ...(token === undefined ? {} : { token: toToken(token) }),
    account: toAccount(account),
  },
})

/** The answer of a route that changed an account. */
export const changedReply = (detail: string, account: Account): Reply => ({
  status: 200,
  headers: accountTag(account),
  body: { detail, account: toAccount(account) },
})
