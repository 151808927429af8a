import { isAuthctlError } from '@authctl/sdk'

/**
 * What is read only to say more, such as a name in a question: undefined where the one who asks may not read
 * it, as that needs a right which the command itself does not.
 */
export const whereAllowed = async <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: unknown) => {
    if (isAuthctlError(error) && error.code === 'forbidden') return undefined
    throw error
  })
