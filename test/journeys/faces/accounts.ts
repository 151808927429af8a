import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Account, PlaceCollection } from '@authctl/sdk'
import { PASSWORD } from '../../support/accounts.ts'
import type { Person } from './face.ts'
import { example, type Journey, newcomer, refuses, shows, signInByPhone } from './journey.ts'

const PHONE = '+919876543210'
const NUMBERS = { admin: '+919876500001', client: '+919876500002', 'sub-client': '+919876500003' } as const
/** A code, but not this one. */
const otherThan = (code: string): string => (code === '000000' ? '111111' : '000000')
const places = example<PlaceCollection>('places/bengaluru.geojson')

const beginnings: readonly Journey[] = [
  {
    tells: 'the set-up token makes the first super-admin, and nothing else does',
    run: async ({ daemon, people }) => {
      const root = newcomer('root.operator')
      await refuses(people.root.bootstrap('guess', root), 'invalid_setup_token')
      const [setupToken = ''] = readFileSync(join(daemon.dataDir, 'setup-token'), 'utf8').split('\n')
      await people.root.bootstrap(setupToken, root)
      await refuses(
        people.root.signIn('super-admin', root.username, 'not the password at all'),
        'invalid_credentials',
      )
      await people.root.signIn('super-admin', root.username, PASSWORD)
      shows(await people.root.me(), { role: 'super-admin', username: 'root.operator' })
    },
  },
  {
    tells: 'a second super-admin is created, listed, changed, disabled and enabled by the first',
    run: async ({ people: { root } }) => {
      const { id, role } = await root.create('super-admin', newcomer('root.two'))
      assert.equal(role, 'super-admin')
      assert.equal((await root.list('super-admin', 50)).length, 2)
      shows(await root.get(id), { username: 'root.two' })
      shows(await root.rename(id, 'Two'), { name: 'Two' })
      shows(await root.disable(id), { status: 'disabled' })
      assert.deepEqual(await root.sessionsOf(id), [])
      shows(await root.enable(id), { status: 'active' })
    },
  },
  {
    tells: 'a super-admin creates an admin; its username is taken then, however it is written',
    run: async ({ people, created }) => {
      created.admin = await people.root.create('admin', newcomer('asha', { number: NUMBERS.admin }))
      shows(created.admin, {
        role: 'admin',
        username: 'asha',
        phone: NUMBERS.admin,
        status: 'active',
        parent_id: null,
        version: 1,
      })
      await refuses(people.root.create('admin', newcomer('ASHA')), 'account_exists')
      await people.admin.signIn('admin', 'ASHA', PASSWORD)
      shows(await people.admin.me(), { id: created.admin.id })
      await refuses(people.admin.signIn('admin', 'asha', `${PASSWORD}!`), 'invalid_credentials')
      shows(await people.admin.me(), { id: created.admin.id })
    },
  },
  {
    tells: 'an admin creates a client and a sub-client of it, and a client no admin',
    run: async ({ daemon, people, created }) => {
      const attributes = { tier: 'gold', depots: 2 }
      const { admin } = created
      const client = await people.admin.create(
        'client',
        newcomer('namma.rides', { attributes, number: NUMBERS.client }),
      )
      shows(client, { role: 'client', parent_id: admin.id, attributes })
      const depot = newcomer('depot.south', { number: NUMBERS['sub-client'] })
      const subClient = await people.admin.create('sub-client', depot, client.id)
      const path = `${admin.id}/${client.id}/${subClient.id}`
      shows(subClient, { role: 'sub-client', parent_id: client.id, path })
      await people.client.signIn('client', 'namma.rides', PASSWORD)
      // Lists are ordered by the time of creation, to the millisecond.
      daemon.clock.advance(1)
      const below = await people.client.create('sub-client', newcomer('depot.north'))
      shows(below, { parent_id: client.id, path: `${admin.id}/${client.id}/${below.id}` })
      await refuses(people.client.create('admin', newcomer('eve')), 'forbidden')
      await refuses(people.admin.create('admin', newcomer('eve')), 'forbidden')
      Object.assign(created, { client, subClient })
    },
  },
  {
    tells: 'lists go page by page through what is below, and one account is shown',
    run: async ({ people, created: { subClient } }) => {
      const names = async (person: Person, role: Account['role']) =>
        (await person.list(role, 1)).map(({ username }) => username)
      assert.deepEqual(await names(people.admin, 'sub-client'), ['depot.south', 'depot.north'])
      assert.deepEqual(await names(people.admin, 'client'), ['namma.rides'])
      assert.deepEqual(await names(people.client, 'client'), [])
      shows(await people.admin.get(subClient.id), { id: subClient.id, name: 'depot.south' })
      await refuses(people.admin.get(`cli_${'0'.repeat(26)}`), 'not_found')
    },
  },
  {
    tells: 'an admin, a client and a sub-client sign in by phone too',
    run: async (stage) => {
      for (const [role, person] of [
        ['admin', stage.people.admin],
        ['client', stage.people.client],
        ['sub-client', stage.people.subClient],
      ] as const) {
        await signInByPhone(stage, person, { role, number: NUMBERS[role] })
        shows(await person.me(), { role, phone: NUMBERS[role] })
      }
    },
  },
]

const endUsers: readonly Journey[] = [
  {
    tells: 'an admin imports places; repeating it changes nothing',
    run: async ({ people: { admin } }) => {
      shows(await admin.importPlaces(places), { created: 25, updated: 0, unchanged: 0 })
      shows(await admin.importPlaces(places), { created: 0, updated: 0, unchanged: 25 })
    },
  },
  {
    tells: 'an end user signs in by phone with the right code, the second time as the same account',
    run: async (stage) => {
      const { user, root } = stage.people
      let used = ''
      await refuses(signInByPhone(stage, user, { number: PHONE, typed: otherThan }), 'invalid_credentials')
      await signInByPhone(stage, user, { number: PHONE, typed: (code) => (used = code) })
      const account = await user.me()
      shows(account, { role: 'user', phone: PHONE })
      // A code works once.
      await refuses(
        signInByPhone(stage, user, {
          number: PHONE,
          typed: (code) => (code === used ? otherThan(code) : used),
        }),
        'invalid_credentials',
      )
      await signInByPhone(stage, user, { number: PHONE })
      shows(await user.me(), { id: account.id })
      assert.deepEqual(
        (await root.list('user', 50)).map(({ id }) => id),
        [account.id],
      )
    },
  },
  {
    tells: 'an end user reads the map and may not change it',
    run: async ({ people: { user } }) => {
      const [nearest] = await user.placesNear('77.6070,12.9755', 2500)
      assert.equal(nearest?.id, 'blr-ev-mg-road-metro')
      for (const { id, geometry } of places.features.slice(0, 2)) {
        const [found] = await user.placesNear((geometry?.coordinates ?? []).join(','), 100)
        shows(found ?? {}, { id, distance_m: 0 })
      }
      await refuses(user.importPlaces(places), 'forbidden')
    },
  },
]

const endings: readonly Journey[] = [
  {
    tells:
      'disabling a client stops everything below it with the next request, and enabling lets it sign in again',
    run: async ({ people, created: { client, subClient } }) => {
      await people.subClient.signIn('sub-client', 'depot.south', PASSWORD)
      shows(await people.subClient.me(), { id: subClient.id })
      shows(await people.admin.disable(client.id), { status: 'disabled' })
      for (const person of [people.client, people.subClient]) await refuses(person.me(), /invalid_/)
      await refuses(people.subClient.signIn('sub-client', 'depot.south', PASSWORD), 'invalid_credentials')
      shows(await people.admin.enable(client.id), { status: 'active' })
      await people.client.signIn('client', 'namma.rides', PASSWORD)
      shows(await people.client.me(), { id: client.id, status: 'active' })
    },
  },
  {
    tells: 'an account that has others below it stays; deleted, it is gone',
    run: async ({ people: { admin }, created: { client, subClient } }) => {
      await assert.rejects(admin.delete(client.id), { message: /^refused: / })
      await admin.delete(subClient.id)
      await refuses(admin.get(subClient.id), 'not_found')
    },
  },
  {
    tells:
      'a refresh key renews an expired token; changing it needs the one before, which is worth nothing then',
    needsRefreshKeys: true,
    run: async ({ daemon, people: { user } }) => {
      const { id } = await user.me()
      const { refreshKeys: keys } = user
      assert.ok(keys !== undefined)
      await keys.set('first-key')
      await refuses(keys.set('second-key'), 'old_key_required')
      await keys.set('second-key', 'first-key')
      daemon.clock.advance(3_600_000)
      await keys.regenerate('second-key')
      shows(await user.me(), { id })
      await refuses(keys.regenerate('first-key'), 'invalid_refresh_key')
    },
  },
  {
    tells: 'a session outlives its access token, and who signs out is nobody then',
    run: async ({ face, daemon, people: { user } }) => {
      const { id } = await user.me()
      daemon.clock.advance(3_600_000)
      await user.renew()
      shows(await user.me(), { id })
      await user.signOut()
      await refuses(user.me(), face.afterSignOut)
    },
  },
]

/** How accounts begin, what end users do, and how sessions and accounts end. */
export const ACCOUNTS = { beginnings, endUsers, endings } as const
