import { describe, expect } from 'vitest'
import type { AccountId } from '../../../daemon/domain/account.ts'
import type { AgentPosition } from '../../../daemon/ports/stores/index.ts'
import { anAgent, MINUTE, T0, cleanupFence } from '../samples.ts'
import type { StoreTest } from '../store-test.ts'

/** What the store promises of what agents say of themselves. */
export const describeAgents = (test: StoreTest): void => {
  describe('agents', () => {
    const owners = { from: 'adm_1', before: 'adm_10' }

    test('what one says takes the place of what it said before, and is read until it expires', async ({
      store,
      other,
    }) => {
      expect(await store.agents.renew(anAgent())).toBe(false)
      expect(await other.agents.list({ now: T0, owners, limit: 10 })).toEqual([])
      await store.agents.add(anAgent())
      await store.agents.add(anAgent({ id: 'app_1 web-2', agent: 'web-2' }))
      const later = anAgent({ allowed: 9, denials: [], expiresAt: T0 + 2 * MINUTE })
      expect(await other.agents.renew(later)).toBe(true)
      expect((await store.agents.list({ now: T0, owners, limit: 10 }))[0]).toEqual(later)
      expect(await store.agents.list({ now: T0, owners, limit: 1 })).toHaveLength(1)
      expect(await store.agents.list({ now: T0 + MINUTE, owners, limit: 10 })).toEqual([later])
      const fence = await cleanupFence(store)
      expect(await store.leases.sweep('agents', fence, T0 + MINUTE, 10)).toBe(1)
    })

    test('a page has those of the owners of a range alone, however many others there are, and goes on after one of them', async ({
      store,
      other,
    }) => {
      const of = (path: string, name: string) =>
        anAgent({ id: `app_9 ${name}`, agent: name, ownerId: path as AccountId, ownerPath: path })
      const own = [of('adm_1', 'z'), of('adm_1/cli_1', 'a'), of('adm_1/cli_1', 'b'), of('adm_1/cli_2', 'c')]
      const others = [of('adm_0/cli_1', 'm'), of('adm_10', 'n'), of('adm_2/cli_1', 'o')]
      const gone = anAgent({ ...of('adm_1/cli_1', 'aa'), expiresAt: T0 })
      for (const agent of [...others, ...own.toReversed(), gone]) await store.agents.add(agent)
      const read = async (limit: number): Promise<string[][]> => {
        const pages: string[][] = []
        for (let after: AgentPosition | undefined; ;) {
          const page = await other.agents.list({ now: T0, owners, limit, ...(after && { after }) })
          pages.push(page.map(({ agent }) => agent))
          after = page.at(-1)
          if (page.length < limit || after === undefined) return pages
        }
      }
      expect(await read(10)).toEqual([['z', 'a', 'b', 'c']])
      expect(await read(2)).toEqual([['z', 'a'], ['b', 'c'], []])
      expect(await read(1)).toEqual([['z'], ['a'], ['b'], ['c'], []])
    })
  })
}
