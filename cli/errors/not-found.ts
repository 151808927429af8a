import { Problem } from '../problem.ts'
import { describeError } from './report.ts'
import { KINDS } from '../kinds.ts'

/** Something that a command names and that may not be there. */
export interface Named {
  /** Such as `policy root/read-only`. */
  readonly what: string
  /** Where it can be looked up. */
  readonly hint: string
}

/** A policy by its name. */
export const namedPolicy = (name: string): Named => ({
  what: `policy ${name}`,
  hint: /[:/]/.test(name)
    ? 'Those you see: authctl policies list'
    : `A bare name is of your own namespace; one of root is written root/${name}. Those you see: authctl policies list`,
})

/** An application by its id. */
export const namedApplication = (id: string): Named => ({
  what: `application ${id} that you see`,
  hint: 'Those there are: authctl applications list',
})

/** An account by its id. */
export const namedAccount = (id: string): Named => {
  if (id.startsWith('app_')) return namedApplication(id)
  const topic = KINDS.find(({ idPrefix }) => id.startsWith(`${idPrefix}_`))?.topic ?? 'clients'
  return { what: `account ${id} that you see`, hint: `Those below you: authctl ${topic} list` }
}

/** A session of the caller by its id. */
export const namedSession = (id: string): Named => ({
  what: `live session ${id} of yours`,
  hint: 'Those there are: authctl sessions list',
})

/** A device by the code that it shows. */
export const namedDevice = (code: string): Named => ({
  what: `device that waits under the code ${code}`,
  hint: 'A code is decided about once, within ten minutes: begin again on the device.',
})

/** A namespace by its name. */
export const namedNamespace = (namespace: string): Named => ({
  what: `namespace ${namespace} that you see`,
  hint: 'A namespace is root, or the id of an admin or client: authctl admins list, authctl clients list',
})

/** A revision by its number or id. */
export const namedRevision = (revision: string): Named => ({
  what: `revision ${revision} that is kept`,
  hint: 'Those there are: authctl policies history',
})

/** A service by its name. */
export const namedService = (name: string, namespace = 'your namespace'): Named => ({
  what: `service ${name} in ${namespace}`,
  hint: 'Those you see, with their namespaces: authctl services list',
})

/**
 * Waits for a call; when the server answers that something is not there, says which of the named things that
 * may be, and where to look.
 */
export const orNotFound = async <T>(
  call: Promise<T>,
  ...named: readonly (Named | undefined)[]
): Promise<T> => {
  try {
    return await call
  } catch (error) {
    const fields = describeError(error)
    const things = named.filter((each) => each !== undefined)
    if (fields.code !== 'not_found' || things.length === 0) throw error
    const message = `there is no ${things.map(({ what }) => what).join(', or no ')}`
    const hint = [...new Set(things.map((each) => each.hint))].join('\n')
    throw new Problem({ ...fields, message, hint }, error)
  }
}
