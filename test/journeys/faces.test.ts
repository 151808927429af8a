import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Account, PlaceCollection } from '@authctl/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { ROOT } from '../support/source-files.ts'
import { cli } from './faces/cli.ts'
import type { Person } from './faces/face.ts'
import { http } from './faces/http.ts'
import { sdk } from './faces/sdk.ts'

const PHONE = '+919876543210'
const places = JSON.parse(
  readFileSync(join(ROOT, 'examples/places/bengaluru.geojson'), 'utf8'),
) as PlaceCollection
const newcomer = (username: string) => ({ name: username, username, password: PASSWORD })

// Each journey goes on where the one before stopped.
describe.each([http, sdk, cli])('journeys through $name', (face) => {
  let daemon: TestDaemon
  let people: Readonly<Record<'root' | 'admin' | 'client' | 'subClient' | 'user', Person>>
  let admin: Account
  let client: Account
  let subClient: Account
  beforeAll(async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const person = () => face.person(daemon)
    people = { root: person(), admin: person(), client: person(), subClient: person(), user: person() }
  })
  afterAll(async () => {
    for (const person of Object.values(people)) person.close()
    await daemon.stop()
  })
  /** With the code that this sign-in has sent, or what is made of it. */
  const signInUser = async (typed = (code: string) => code): Promise<void> => {
    daemon.clock.advance(61_000)
    const sent = daemon.sms.messages.length
    await people.user.signInByPhone(PHONE, async () => {
      await expect.poll(() => daemon.sms.messages.length).toBe(sent + 1)
      return typed(await daemon.sms.codeFor(PHONE))
    })
  }

  test('the set-up token makes the first super-admin, and nothing else does', async () => {
    const root = newcomer('root.operator')
    await expect(people.root.bootstrap('guess', root)).rejects.toMatchObject({ code: 'invalid_setup_token' })
    const [setupToken = ''] = readFileSync(join(daemon.dataDir, 'setup-token'), 'utf8').split('\n')
    await people.root.bootstrap(setupToken, root)
    await expect(
      people.root.signIn('super-admin', root.username, 'not the password at all'),
    ).rejects.toMatchObject({ code: 'invalid_credentials' })
    await people.root.signIn('super-admin', root.username, PASSWORD)
    expect(await people.root.me()).toMatchObject({ role: 'super-admin', username: 'root.operator' })
  })

  test('a super-admin creates an admin; its username is taken then, however it is written', async () => {
    admin = await people.root.create('admin', newcomer('asha'))
    expect(admin).toMatchObject({ role: 'admin', username: 'asha', status: 'active', parent_id: null })
    await expect(people.root.create('admin', newcomer('ASHA'))).rejects.toMatchObject({
      code: 'account_exists',
    })
    await people.admin.signIn('admin', 'ASHA', PASSWORD)
    expect(await people.admin.me()).toMatchObject({ id: admin.id })
  })

  test('an admin creates a client and a sub-client of it, and a client no admin', async () => {
    client = await people.admin.create('client', {
      ...newcomer('namma.rides'),
      attributes: { tier: 'gold', depots: 2 },
    })
    expect(client).toMatchObject({
      role: 'client',
      parent_id: admin.id,
      attributes: { tier: 'gold', depots: 2 },
    })
    subClient = await people.admin.create('sub-client', newcomer('depot.south'), client.id)
    expect(subClient).toMatchObject({
      role: 'sub-client',
      parent_id: client.id,
      path: `${admin.id}/${client.id}/${subClient.id}`,
    })
    await people.client.signIn('client', 'namma.rides', PASSWORD)
    // Lists are ordered by the time of creation, to the millisecond.
    daemon.clock.advance(1)
    const below = await people.client.create('sub-client', newcomer('depot.north'))
    expect(below).toMatchObject({ parent_id: client.id, path: `${admin.id}/${client.id}/${below.id}` })
    await expect(people.client.create('admin', newcomer('eve'))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(people.admin.create('admin', newcomer('eve'))).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('lists go page by page through what is below, and one account is shown', async () => {
    const names = async (person: Person, role: Account['role']) =>
      (await person.list(role, 1)).map(({ username }) => username)
    expect(await names(people.admin, 'sub-client')).toEqual(['depot.south', 'depot.north'])
    expect(await names(people.admin, 'client')).toEqual(['namma.rides'])
    expect(await names(people.client, 'client')).toEqual([])
    expect(await people.admin.get(subClient.id)).toMatchObject({ id: subClient.id, name: 'depot.south' })
    await expect(people.admin.get(`cli_${'0'.repeat(26)}`)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('an admin imports places; repeating it changes nothing', async () => {
    expect(await people.admin.importPlaces(places)).toMatchObject({ created: 25, updated: 0, unchanged: 0 })
    expect(await people.admin.importPlaces(places)).toMatchObject({ created: 0, updated: 0, unchanged: 25 })
  })

  test('an end user signs in by phone with the right code, the second time as the same account', async () => {
    await expect(signInUser((code) => (code === '000000' ? '111111' : '000000'))).rejects.toMatchObject({
      code: 'invalid_credentials',
    })
    await signInUser()
    const user = await people.user.me()
    expect(user).toMatchObject({ role: 'user', phone: PHONE })
    await signInUser()
    expect(await people.user.me()).toMatchObject({ id: user.id })
    expect((await people.root.list('user', 50)).map(({ id }) => id)).toEqual([user.id])
  })

  test('an end user reads the map and may not change it', async () => {
    const [nearest] = await people.user.placesNear('77.6070,12.9755', 2500)
    expect(nearest).toMatchObject({ id: 'blr-ev-mg-road-metro' })
    for (const { id, geometry } of places.features.slice(0, 2)) {
      const [found] = await people.user.placesNear(geometry.coordinates.join(','), 100)
      expect(found).toMatchObject({ id, distance_m: 0 })
    }
    await expect(people.user.importPlaces(places)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('disabling a client stops everything below it with the next request, and enabling lets it sign in again', async () => {
    await people.subClient.signIn('sub-client', 'depot.south', PASSWORD)
    expect(await people.subClient.me()).toMatchObject({ id: subClient.id })
    expect(await people.admin.disable(client.id)).toMatchObject({ status: 'disabled' })
    for (const person of [people.client, people.subClient])
      await expect(person.me()).rejects.toMatchObject({ code: expect.stringMatching(/invalid_/) as string })
    await expect(people.subClient.signIn('sub-client', 'depot.south', PASSWORD)).rejects.toMatchObject({
      code: 'invalid_credentials',
    })
    expect(await people.admin.enable(client.id)).toMatchObject({ status: 'active' })
    await people.client.signIn('client', 'namma.rides', PASSWORD)
    expect(await people.client.me()).toMatchObject({ id: client.id, status: 'active' })
  })

  test('an account that has others below it stays; deleted, it is gone', async () => {
    await expect(people.admin.delete(client.id)).rejects.toThrow('refused: ')
    await people.admin.delete(subClient.id)
    await expect(people.admin.get(subClient.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('who signs out is nobody then', async () => {
    await people.user.signOut()
    await expect(people.user.me()).rejects.toMatchObject({ code: face.afterSignOut })
  })
})
