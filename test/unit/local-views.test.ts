import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { newAccount, withoutHash } from '../../daemon/domain/account.ts'
import type { LocalViewer } from '../../daemon/domain/local/view.ts'
import { PolicySnapshot } from '../../daemon/domain/policy-snapshot.ts'
import { createViews } from '../../daemon/usecases/local/views.ts'

const policies = (): PolicySnapshot => new PolicySnapshot(new Map(), { managed: new Map(), own: [] })

const collectGarbage = async (): Promise<void> => {
  setFlagsFromString('--expose-gc')
  // What a weak reference was asked for stays until the turn ends.
  await new Promise((resolve) => setImmediate(resolve))
  ;(runInNewContext('gc') as () => void)()
}

const viewerOf = (letter: string): LocalViewer => {
  const owner = withoutHash(
    newAccount({ role: 'admin', rowKey: letter.repeat(26), parent: null, now: 0 }, {}),
  )
  return { audience: owner.id, owner, above: [], services: undefined }
}

test('a view is made once while the policies are the same, and holds nothing of those that are no more', async () => {
  const vault = { hiddenName: (...parts: string[]) => parts.join(), digest: (text: string) => text }
  const held = { current: policies() }
  const views = createViews({ policies: { current: () => held.current }, vault })
  const first = await views.present(viewerOf('a'))
  expect(await views.present(viewerOf('a'))).toBe(first)
  const gone = new WeakRef(held.current)
  held.current = policies()
  expect(await views.present(viewerOf('b'))).not.toBe(first)
  await collectGarbage()
  expect(gone.deref()).toBeUndefined()
  expect(await views.present(viewerOf('a'))).not.toBe(first)
})
