import { whereAllowed } from '../errors/allowed.ts'

/**
 * Puts over what is there now: `present` reads its tag, and throws `not_found` when there is nothing.
 * Somebody else's change between the two is not lost: then the server refuses, as it does where something is
 * there that the caller may not read. With `ifMatch` nothing is read.
 */
export const putOverPresent = async <T>({
  ifMatch,
  present,
  put,
}: {
  readonly ifMatch: string | undefined
  readonly present: () => Promise<string | undefined>
  readonly put: (ifMatch: string | undefined) => Promise<T>
}): Promise<T> => {
  if (ifMatch !== undefined) return put(ifMatch)
  const found = await whereAllowed(present()).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'not_found') return undefined
    throw error
  })
  return put(found)
}
