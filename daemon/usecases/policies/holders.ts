import type { Store } from '../../ports/stores/index.ts'

/**
 * The id of an account to which a policy is attached by its full name, or of an application that names it;
 * undefined: it can go.
 */
export const findHolder = async (
  { accounts, applications }: Pick<Store, 'accounts' | 'applications'>,
  full: string,
): Promise<string | undefined> => (await accounts.findAttached(full)) ?? (await applications.findNaming(full))
