import { PASSWORD } from '../../support/accounts.ts'
import type { Actor } from '../actors.ts'
import { type Credentials, poolOf } from '../knowledge.ts'
import { idBelow, type Kitchen, type Make, matching, ownerOf, type Recipe } from './kitchen.ts'

const FIRST_NUMBER = 9_830_000_000

const readAccount: Make = (kitchen) => {
  const id = idBelow(kitchen)
  return id === undefined ? undefined : { actor: 'root', target: `/accounts/${id}` }
}

const updateAccount: Make = (kitchen) => {
  const seen = kitchen.known.seenUnder('/accounts/').filter(([, target]) => !target.includes('/', 10))
  const [actor, target] = seen.length === 0 ? [] : kitchen.chance.pick(seen)
  const body = kitchen.chance.pick([
    { name: 'Renamed' },
    { email: null },
    { email: 'someone@example.com', attributes: { tier: 'gold', seats: 3, beta: true } },
  ])
  return actor === undefined || target === undefined ? undefined : matching(kitchen, { actor, target, body })
}

const QUESTIONS = [
  { action: 'places:List', resource: 'place/a1' },
  { action: 'places:Write', resource: 'place/forbidden-1' },
  { action: 'authctl:GetSelf', resource: 'account/x' },
] as const

const whoCan: Make = (kitchen) => ({
  actor: ownerOf(kitchen),
  target: '/access/who-can',
  body: { ...kitchen.chance.pick(QUESTIONS), limit: 1 + kitchen.chance.below(200) },
})

const checkAccess: Make = (kitchen) => {
  const principal = idBelow(kitchen)
  return {
    actor: 'root',
    target: '/access/check',
    body: {
      ...kitchen.chance.pick(QUESTIONS),
      ...(principal === undefined ? {} : { principal }),
      explain: kitchen.chance.once(2),
    },
  }
}

const explainAccess: Make = ({ known }) => {
  const decision_id = known.decisions.next()
  return decision_id === undefined
    ? undefined
    : { actor: 'root', target: '/access/explain', body: { decision_id } }
}

/** Makes somebody who can sign in, by phone or, more rarely, by a password, which costs a hash. */
const create =
  (actor: Actor, topic: string, role: string): Make =>
  ({ known, chance, count }) => {
    const index = count()
    const byName = topic === 'superadmins' || chance.once(25)
    const credentials: Credentials = byName
      ? { username: `fuzz${topic}${index}` }
      : { number: `+91${FIRST_NUMBER + index}` }
    return {
      actor,
      target: `/auth/${role}/create`,
      body: { name: 'Made', ...credentials, ...(byName ? { password: PASSWORD } : {}) },
      onSuccess: () => poolOf(known.made, topic).add(credentials),
    }
  }

const sendCode =
  (targetOf: (number: string) => Omit<Recipe, 'actor' | 'onSuccess'>): Make =>
  ({ known, chance, count }) => {
    const topic = chance.pick(['admins', 'clients', 'subclients', 'users'])
    const someone = poolOf(known.made, topic).next()
    const isNew = topic === 'users' || someone === undefined || !('number' in someone)
    const number = isNew ? `+91${FIRST_NUMBER + count()}` : someone.number
    return {
      actor: 'nobody',
      ...targetOf(number),
      onSuccess: () => poolOf(known.coded, isNew ? 'users' : topic).add(number),
    }
  }

const codedNumber = (
  { known, codeOf }: Kitchen,
  topic: string,
): { number: string; otp: string } | undefined => {
  const number = poolOf(known.coded, topic).take()
  const otp = number === undefined ? undefined : codeOf(number)
  return number === undefined || otp === undefined ? undefined : { number, otp }
}

const signIn =
  (topic: string, role: string): Make =>
  (kitchen) => {
    const someone = poolOf(kitchen.known.made, topic).next()
    // Super-admins sign in by name only.
    const isChosen = topic === 'superadmins' || kitchen.chance.once(4)
    const byName = someone !== undefined && 'username' in someone && isChosen
    const body = byName ? { ...someone, password: PASSWORD } : codedNumber(kitchen, topic)
    return body === undefined ? undefined : { actor: 'nobody', target: `/auth/${role}/login`, body }
  }

/** The same password again: who changes it signs in by it later. */
const changePassword: Make = () => ({
  actor: 'root',
  target: '/auth/password/change',
  body: { current_password: PASSWORD, new_password: PASSWORD },
  isFixed: true,
})

const somePlace = ({ chance, count }: Kitchen) => ({
  type: 'Feature',
  id: `fuzz-${count() % 1000}`,
  geometry: { type: 'Point', coordinates: [chance.below(360) - 180, chance.below(180) - 90] },
  properties: { type: chance.pick(['ev-charger', 'swap-station']), name: `Place ${chance.below(100)}` },
})

const importPlaces: Make = (kitchen) => ({
  actor: kitchen.chance.pick(['root', 'admin'] as const),
  target: '/mapdirectory/places/import',
  body: {
    type: 'FeatureCollection',
    features: Array.from({ length: 1 + kitchen.chance.below(5) }, () => somePlace(kitchen)),
  },
})

const placeTarget = (id: string): string => `/mapdirectory/places/${encodeURIComponent(id)}`

const createPlace: Make = (kitchen) => {
  const { id, ...feature } = somePlace(kitchen)
  return { actor: 'root', target: '/mapdirectory/places', body: { id: `${id}-new`, ...feature } }
}

const putPlace: Make = (kitchen) => {
  const feature = somePlace(kitchen)
  return matching(kitchen, { actor: 'root', target: placeTarget(feature.id), body: feature })
}

const deletePlace: Make = ({ known }) => {
  const id = known.places.next()
  return id === undefined ? undefined : { actor: 'root', target: placeTarget(id) }
}

const allPlaces: Make = ({ known }) => ({
  actor: 'root',
  target: '/mapdirectory/places?limit=200',
  onSuccess: ({ text }) => {
    for (const [, id] of text.matchAll(/"id":"([A-Za-z0-9._~-]+)"/g))
      if (id !== undefined) known.places.add(id)
  },
})

const readPlace: Make = ({ known, chance }) => {
  const id = known.places.next()
  const actor = chance.pick(['root', 'admin', 'client', 'subClient', 'user'] as const)
  return id === undefined ? undefined : { actor, target: placeTarget(id) }
}

const ownSessions: Make = ({ known, chance }) => {
  const actor = chance.pick(['root', 'admin', 'client', 'subClient', 'user'] as const)
  return {
    actor,
    target: '/auth/sessions',
    onSuccess: ({ text }) => {
      for (const [id] of text.matchAll(/ses_[0-9a-z]{26}/g)) known.sessions.add([actor, id])
    },
  }
}

const revokeSession: Make = ({ known }) => {
  const [actor, id] = known.sessions.take() ?? []
  return actor === undefined ? undefined : { actor, target: `/auth/sessions/${id}` }
}

const REFRESH_KEY = 'a-key-of-the-fuzz'

/** Sets the user's refresh key, to what it is already from the second time on. */
const setRefreshKey =
  (target: string, body: object): Make =>
  ({ known }) => ({
    actor: 'user',
    target,
    body: { ...body, ...(known.hasRefreshKey ? { old_key: REFRESH_KEY } : {}) },
    isFixed: true,
    onSuccess: () => {
      known.hasRefreshKey = true
    },
  })

const regenerate =
  (target: string, body: object): Make =>
  ({ known }) =>
    known.hasRefreshKey ? { actor: 'user', target, body, isFixed: true } : undefined

/** For accounts, their sign-ins and sessions, questions about them, and places. */
export const ACCOUNT_RECIPES: Readonly<Record<string, Make>> = {
  'accounts.get': readAccount,
  'accounts.update': updateAccount,
  'access.check': checkAccess,
  'access.whoCan': whoCan,
  'access.explain': explainAccess,
  'superadmins.create': create('root', 'superadmins', 'superadmin'),
  'admins.create': create('root', 'admins', 'admin'),
  'clients.create': create('admin', 'clients', 'client'),
  'subclients.create': create('client', 'subclients', 'subclient'),
  'otp.send': sendCode((number) => ({ target: '/auth/otp/send', body: { number } })),
  'otp.send.path': sendCode((number) => ({ target: `/auth/otp/sendotp/${encodeURIComponent(number)}` })),
  'superadmins.login': signIn('superadmins', 'superadmin'),
  'admins.login': signIn('admins', 'admin'),
  'clients.login': signIn('clients', 'client'),
  'subclients.login': signIn('subclients', 'subclient'),
  'users.login': signIn('users', 'user'),
  'users.login.path': (kitchen) => {
    const found = codedNumber(kitchen, 'users')
    return found === undefined
      ? undefined
      : { actor: 'nobody', target: `/auth/user/login/${encodeURIComponent(found.number)}/${found.otp}` }
  },
  'refreshKeys.set': setRefreshKey('/user/access/refresh-key', { new_key: REFRESH_KEY }),
  'refreshKeys.set.path': setRefreshKey(`/user/access/setrefreshkey/${REFRESH_KEY}`, {}),
  'tokens.regenerate': regenerate('/user/access/regenerate-token', { refresh_key: REFRESH_KEY }),
  'tokens.regenerate.path': regenerate(`/user/access/regeneratetoken/${REFRESH_KEY}`, {}),
  'passwords.change': changePassword,
  'sessions.list': ownSessions,
  'sessions.revoke': revokeSession,
  'tokens.refresh': () => ({ actor: 'refresh', target: '/auth/token/refresh', body: {} }),
  'oauth.token': ({ known }) => {
    const refresh_token = known.refreshTokens.take()
    return refresh_token === undefined
      ? undefined
      : {
          actor: 'nobody',
          target: '/oauth/token',
          body: { grant_type: 'refresh_token', client_id: 'authctl', refresh_token },
        }
  },
  'oauth.introspect': () => ({ actor: 'root', target: '/oauth/introspect', body: { token: 'none' } }),
  'oauth.revoke': () => ({
    actor: 'nobody',
    target: '/oauth/revoke',
    body: { client_id: 'authctl', token: 'none' },
  }),
  'oauth.authorizeDevice': ({ known }) => ({
    actor: 'nobody',
    target: '/oauth/device_authorization',
    body: { client_id: 'authctl-cli' },
    onSuccess: ({ text }) => {
      const [, code] = /"user_code":"([^"]+)"/.exec(text) ?? []
      if (code !== undefined) known.userCodes.add(code)
    },
  }),
  'devices.decide': ({ known }) => {
    const user_code = known.userCodes.take()
    return user_code === undefined
      ? undefined
      : { actor: 'root', target: '/auth/devices/decision', body: { user_code, decision: 'deny' } }
  },
  'places.import': importPlaces,
  'places.list': allPlaces,
  'places.get': readPlace,
  'places.create': createPlace,
  'places.put': putPlace,
  'places.delete': deletePlace,
  'system.echo': () => ({ actor: 'root', target: '/echo' }),
}
