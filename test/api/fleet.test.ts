import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCore } from '../../daemon/core.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { VERSION } from '../../daemon/version.ts'
import type { Family } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { allowing } from '../support/policy-calls.ts'
import { applySet, bodyOf } from '../support/policy-sets.ts'

interface Status {
  readonly namespace: string
  readonly revision: { readonly id: string; readonly number: number } | null
  readonly daemons: readonly {
    readonly id: string
    readonly host: string | null
    readonly version: string | null
    readonly revision: { readonly number: number } | null
    readonly is_current: boolean
  }[]
}

let daemon: TestDaemon
let api: Api
let family: Family
let store: Store
useFamily({ AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_HEARTBEAT: '1' }, (home) => ({ daemon, api, family } = home))
beforeAll(async () => void ({ store } = await openCore(daemon.settings)))
afterAll(() => store.close())

const statusOf = async (from: Api, token: string, namespace = 'root'): Promise<Status> => {
  const { status, text, body } = await from.get(`/policies/status?namespace=${namespace}`, token)
  if (status !== 200) throw new Error(text)
  return body as unknown as Status
}

const setOf = (resource: string) =>
  bodyOf('fleet', { 'documents/readers.json': allowing('readers', 'places:List', resource) })

test('every daemon is named with the revision that it decides by, and has a new one by itself', async () => {
  const { api: other } = await daemon.another()
  await applySet(api, family.root.access, setOf('place/a'))
  const { revision } = await statusOf(api, family.root.access)
  expect(revision?.number).toBeGreaterThan(0)
  for (const from of [api, other])
    await expect
      .poll(async () =>
        (await statusOf(from, family.root.access)).daemons.map((each) => [each.is_current, each.revision]),
      )
      .toEqual([
        [true, revision],
        [true, revision],
      ])
})

test('where daemons run and their versions are for super-admins; their revisions for those they decide about', async () => {
  const root = await statusOf(api, family.root.access)
  expect(root.daemons.map(({ version }) => version)).toEqual(root.daemons.map(() => VERSION))
  expect(root.daemons.every(({ host }) => typeof host === 'string')).toBe(true)
  const admin = await statusOf(api, family.admin.access, family.admin.id)
  expect(admin).toMatchObject({ namespace: family.admin.id, revision: null })
  expect(admin.daemons.length).toBe(root.daemons.length)
  expect(admin.daemons.every((each) => each.host === null && each.version === null && each.is_current)).toBe(
    true,
  )
})

test('a daemon that stays behind is named with what it decides by, and one that is dead leaves the list', async () => {
  const before = await statusOf(api, family.root.access)
  const present = (await store.daemons.list(daemon.clock.now()))[0]
  if (present === undefined) throw new Error('no daemon lives')
  await store.daemons.beat({ ...present, id: 'laggard', beat: 1 })
  await applySet(api, family.root.access, setOf('place/b'))
  const behind = async () =>
    (await statusOf(api, family.root.access)).daemons
      .filter((each) => !each.is_current)
      .map(({ id, revision }) => [id, revision?.number])
  await expect.poll(behind).toEqual([['laggard', before.revision?.number]])
  daemon.clock.advance(8001)
  await expect
    .poll(async () => (await statusOf(api, family.root.access)).daemons.map(({ id }) => id))
    .toEqual(before.daemons.map(({ id }) => id))
})
