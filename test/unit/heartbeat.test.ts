import { expect, test } from 'vitest'
import type { DaemonRecord } from '../../daemon/domain/daemon-record.ts'
import { PolicySnapshot } from '../../daemon/domain/policy-snapshot.ts'
import { NO_SHADOWS } from '../../daemon/usecases/access/shadow.ts'
import { initialNamespace } from '../../daemon/usecases/policies/namespaces.ts'
import { startHeartbeat } from '../../daemon/usecases/upkeep/heartbeat.ts'

const warnings: string[] = []
const nothing = () => undefined
const log = {
  debug: nothing,
  info: nothing,
  warn: (_: object, text: string) => void warnings.push(text),
  error: nothing,
}
const identity = { id: 'd1', host: 'web-1', pid: 1, version: '1', startedAt: 0 }

/** A store of which each write takes until it is let go on. */
const beating = async ({ fails = false } = {}) => {
  const said: DaemonRecord[] = []
  const left: string[] = []
  const waiting: (() => void)[] = []
  let isHeld = false
  const daemons = {
    beat: async (record: DaemonRecord) => {
      if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve))
      if (fails) throw new Error('gone')
      said.push(record)
      return true
    },
    list: () => Promise.resolve([]),
    leave: (id: string) => Promise.resolve(void left.push(id)),
  }
  let revision = 0
  const snapshotNow = () => {
    const empty = initialNamespace({ name: 'root', above: [] })
    const id = revision === 0 ? null : `r${revision}`
    return new PolicySnapshot(new Map([['root', { ...empty, id }]]), { managed: new Map(), own: [] })
  }
  const heartbeat = await startHeartbeat({
    daemons,
    clock: { now: () => 1000 },
    vault: { digest: (text) => text },
    log,
    identity,
    policies: { current: snapshotNow },
    uses: { latest: () => [] },
    shadow: NO_SHADOWS,
    everyMs: 3_600_000,
  })
  const hold = () => void (isHeld = true)
  const letGo = async () => {
    isHeld = false
    for (const go of waiting.splice(0)) go()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const move = () => {
    revision += 1
    heartbeat.changed()
  }
  return { heartbeat, said, left, hold, letGo, move }
}

test('a daemon says that it lives before anybody can ask it, and that it is gone when it ends', async () => {
  const { heartbeat, said, left } = await beating()
  expect(said).toMatchObject([{ ...identity, beat: 1, seenAt: 1000, heads: [] }])
  await heartbeat.stop()
  expect(left).toEqual(['d1'])
  heartbeat.changed()
  expect(said).toHaveLength(1)
})

test('changes are said at once, those during a write in one more', async () => {
  const { heartbeat, said, hold, letGo, move } = await beating()
  hold()
  for (let i = 0; i < 20; i++) move()
  await letGo()
  expect(said.map(({ heads }) => heads[0]?.revision)).toEqual([undefined, 'r1', 'r20'])
  heartbeat.changed()
  expect(said).toHaveLength(3)
  await heartbeat.stop()
})

test('a store that cannot be written to is told of once, and stops nothing', async () => {
  warnings.length = 0
  const { heartbeat, move } = await beating({ fails: true })
  move()
  await heartbeat.stop()
  expect(warnings).toEqual(['the store does not hear that this daemon lives'])
})
