import { Failure } from './failure.ts'

/** Why a part cannot be loaded, for the log. */
export const PART_GONE = 'files of the program were replaced or cannot be read: restart the daemon'

const RETRY_SECONDS = 5

/**
 * Loads a part of the program that is loaded when it is first asked for. Throws `unavailable` where it cannot
 * be loaded, as its files were replaced under the daemon or none can be opened: that is tried again by who
 * asks next.
 */
export const loadPart = async <T>(load: () => Promise<T>): Promise<T> => {
  try {
    return await load()
  } catch (cause) {
    throw new Failure('unavailable', {
      reason: PART_GONE,
      retryAfterSeconds: RETRY_SECONDS,
      cause,
    })
  }
}
