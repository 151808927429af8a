import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHost } from '../../daemon/host/open.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { MANAGED_POLICIES } from '../../policies/index.ts'
import type { Family } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { openTestStore } from '../support/test-store.ts'

let daemon: TestDaemon
let api: Api
let family: Family
let store: Store
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, api, family } = home))
beforeAll(async () => void (store = await openTestStore(daemon.dataDir)))
afterAll(() => store.close())

const MESSAGE = 'this authctl comes with other policies than the one before'
const told = () => daemon.log.lines.filter(({ message }) => message === MESSAGE)
const headNow = async () => (await store.policies.heads()).find(({ namespace }) => namespace === 'authctl')

const rememberedHead = async () => {
  for (let turn = 0; turn < 200; turn++) {
    const head = await headNow()
    if (head !== undefined) return head
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('nothing is remembered')
}

/** Makes the store remember another managed policy of admins, as an older authctl would have left it. */
const rememberOlder = async (): Promise<void> => {
  const head = await rememberedHead()
  const [stored] = await store.policies.read([head.revision])
  const revision = JSON.parse(stored?.content ?? '{}') as { policies: Record<string, { hash: string }> }
  const admin = MANAGED_POLICIES.find(({ Id }) => Id === 'Admin')
  const readingPlaces = admin?.Statement.map((each) =>
    each.Sid === 'Places' ? { ...each, Action: 'places:List' } : each,
  )
  const older = JSON.stringify({ ...admin, Statement: readingPlaces })
  const text = JSON.stringify({
    ...revision,
    policies: { ...revision.policies, Admin: { ...revision.policies['Admin'], hash: 'older-admin' } },
  })
  const isMoved = await store.policies.moveHead({
    head: { namespace: 'authctl', revision: 'older', number: head.number + 1 },
    from: head.revision,
    texts: [
      { hash: 'older-admin', content: older },
      { hash: 'older', content: text },
    ],
    owner: null,
    now: daemon.clock.now(),
  })
  expect(isMoved).toBe(true)
}

const doctor = async () => {
  const host = await openHost({ settings: daemon.settings, origins: {} as never })
  try {
    return (await host.checks()).find(({ name }) => name === 'managed-policies')
  } finally {
    await host.close()
  }
}

test('what comes with authctl is remembered, and a start of the same says nothing', async () => {
  const head = await rememberedHead()
  expect(told()).toEqual([])
  expect(await doctor()).toMatchObject({ status: 'ok' })
  await daemon.another()
  expect(await headNow()).toEqual(head)
  expect(told()).toEqual([])
  // Nobody decides by it, and it is no namespace of anybody.
  const { body } = await api.get('/policies/status', family.root.access)
  expect(body['daemons']).toHaveLength(2)
  expect(JSON.stringify(body)).not.toContain('"is_current":false')
  expect((await api.get('/policies/revisions?namespace=authctl', family.root.access)).status).toBe(400)
})

test('an authctl with other managed policies: doctor tells who gains what before it starts, the log once when it does', async () => {
  await rememberOlder()
  const warned = await doctor()
  expect(warned).toMatchObject({ status: 'warn', fix: expect.any(String) })
  expect(warned?.detail).toMatch(/\(Admin changed\): \+\d+ rights? for 1 account, -0 rights for 0 accounts;/)
  expect(warned?.detail).toContain(`+ places:Write on`)
  expect(warned?.detail).toContain(family.admin.id)
  expect(told()).toEqual([])

  await Promise.all([daemon.another(), daemon.another()])
  await expect.poll(() => told().length).toBe(1)
  const [line] = told()
  expect(line).toMatchObject({
    level: 'warn',
    objects: ['Admin changed'],
    gained: { accounts: 1 },
    lost: { accounts: 0 },
  })
  const first = { verb: 'gain', action: 'places:Write', sample: [family.admin.id] }
  expect(line?.['changes']).toMatchObject([first])
  await expect.poll(async () => (await headNow())?.revision).not.toBe('older')
  expect(await doctor()).toMatchObject({ status: 'ok' })
})
