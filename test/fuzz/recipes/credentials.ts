import type { Kitchen, Make, Recipe } from './kitchen.ts'

const createApplication: Make = ({ known, chance }) => {
  const actor = chance.pick(['admin', 'client'] as const)
  return {
    actor,
    target: '/applications',
    body: { name: 'Made' },
    onSuccess: ({ text }) => {
      const [id] = /app_[0-9a-z]{26}/.exec(text) ?? []
      if (id !== undefined) known.applications.add([actor, id])
    },
  }
}

/** A request about an application that is there. */
const about =
  (more: string, body?: object): Make =>
  ({ known }) => {
    const [actor, id] = known.applications.next() ?? []
    if (actor === undefined) return undefined
    return { actor, target: `/applications/${id}${more}`, ...(body && { body }) }
  }

const deleteApplication: Make = ({ known }) => {
  const [actor, id] = known.applications.take() ?? []
  return actor === undefined ? undefined : { actor, target: `/applications/${id}` }
}

/** The first of them is revoked, and then one of many: each revocation waits for all daemons. */
const REVOKED_EACH = 40

const rotateKeys: Make = ({ known }) => ({
  actor: 'root',
  target: '/keys/rotate',
  body: {},
  onSuccess: ({ text }) => {
    const [, kid] = /"kid":"([A-Za-z0-9_-]+)","state":"next"/.exec(text) ?? []
    known.nextKey = kid
  },
})

/** Only a key that has not signed yet: another would sign the actors out. */
const revokeKey = ({ known, count }: Kitchen): Recipe | undefined => {
  const kid = known.nextKey
  if (kid === undefined || (known.hasRevoked && count() % REVOKED_EACH !== 0)) return undefined
  return {
    actor: 'root',
    target: `/keys/${kid}/revoke`,
    onSuccess: () => {
      known.nextKey = undefined
      known.hasRevoked = true
    },
  }
}

/** For applications with their keys, and for the keys that sign. */
export const CREDENTIAL_RECIPES: Readonly<Record<string, Make>> = {
  'applications.create': createApplication,
  'applications.get': about(''),
  'applications.update': about('', { name: 'Renamed' }),
  'applications.rotate': about('/rotate', { overlap_seconds: 0 }),
  'applications.delete': deleteApplication,
  'keys.list': () => ({ actor: 'root', target: '/keys' }),
  'keys.rotate': rotateKeys,
  'keys.revoke': revokeKey,
}
