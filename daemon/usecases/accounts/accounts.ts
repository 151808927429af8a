import { createCreateAccount, type AccountDeps } from './create.ts'
import { createListAccounts } from './list.ts'
import { createAccountUpdates } from './update.ts'

/** Accounts, as those above them create, see and change them. */
export const createAccounts = (deps: AccountDeps) => ({
  create: createCreateAccount(deps),
  list: createListAccounts(deps),
  ...createAccountUpdates(deps),
})
