import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '../../daemon/domain/account.ts'
import { isActive, isLiveSession, type SessionId } from '../../daemon/domain/session.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { dropTestStore, openTestStore } from '../support/test-store.ts'
import type { Order } from './live-state-writer.ts'

/** In CI a few: each waits for the disk, and on MongoDB for a majority. */
const ROUNDS = Number(process.env['LIVE_ROUNDS'] ?? 40)

const directory = mkdtempSync(join(tmpdir(), 'authctl-live-'))
let store: Store
let other: ChildProcess

beforeAll(async () => {
  store = await openTestStore(directory)
  other = fork(fileURLToPath(new URL('live-state-writer.ts', import.meta.url)), [directory])
  await once(other, 'message')
})
afterAll(async () => {
  const ended = once(other, 'exit')
  other.disconnect()
  await ended
  await store.close()
  await dropTestStore(directory)
  rmSync(directory, { recursive: true, force: true })
})

const ask = async (order: Order): Promise<{ id: AccountId; session: SessionId }> => {
  const answered = once(other, 'message')
  other.send(order)
  const [answer] = (await answered) as [{ id: AccountId; session: SessionId }]
  return answer
}

/** As a request is judged. */
const isLet = async ({ id, session: sid }: { id: AccountId; session: SessionId }): Promise<boolean> => {
  const [session, lineage] = await Promise.all([store.sessions.get(sid), store.accounts.getLineageOf(id)])
  const account = lineage.at(-1)
  if (session === undefined || account === undefined || session.accountId !== account.id) return false
  return isLiveSession(session, account, session.createdAt) && isActive(lineage)
}

const ENDS: readonly Order['do'][] = ['disable', 'revoke', 'revoke-all', 'delete']

test(
  `C13: what another process has done is seen by the very next read, in ${ROUNDS} rounds`,
  { timeout: 60_000 + ROUNDS * 100 },
  async () => {
    const late: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const end = ENDS[round % ENDS.length] ?? 'disable'
      const [subject, bystander] = [await ask({ do: 'make' }), await ask({ do: 'make' })]
      // Known by now, and read while nothing changes.
      for (const _again of [1, 2, 3]) expect(await isLet(subject)).toBe(true)
      expect(await isLet(bystander)).toBe(true)
      await ask({ do: end, ...subject })
      if (await isLet(subject)) late.push(`${end} in round ${round}`)
      expect(await isLet(bystander)).toBe(true)
      if (end !== 'disable') continue
      await ask({ do: 'enable', ...subject })
      // Its session has ended by the disablement, and the account is the present one.
      expect(await isLet(subject)).toBe(false)
      expect(isActive(await store.accounts.getLineageOf(subject.id))).toBe(true)
    }
    expect(late).toEqual([])
  },
)

test('C13: and so is what this process does, while reads come in between', async () => {
  for (let round = 0; round < ROUNDS / 4; round++) {
    const subject = await ask({ do: 'make' })
    expect(await isLet(subject)).toBe(true)
    const seen: boolean[] = []
    const state = { isRunning: true }
    const end = store.accounts
      .setStatus({ id: subject.id, status: 'disabled', now: 0 })
      .finally(() => (state.isRunning = false))
    while (state.isRunning) {
      seen.push(await isLet(subject))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await end
    expect(await isLet(subject)).toBe(false)
    // Never back again.
    expect(seen.join()).toMatch(/^(true,?)*(false,?)*$/)
  }
})
