import { expect, test } from 'vitest'
import { createVault } from '../../daemon/adapters/crypto/vault.ts'
import { signPlan } from '../../daemon/usecases/policies/plan-evidence.ts'
import { canonicalJson } from '../../policies/index.ts'

const vault = createVault({ secret: 's'.repeat(32), refreshKeySecret: 'r'.repeat(32) })

test('a plan is signed in pieces as if its text was signed at once, however long or deep it is', async () => {
  const nested = Array.from({ length: 20 }).reduce<object>((inner) => ({ b: [inner, 'é𝌆'], a: null }), {})
  const values = Array.from({ length: 2000 }, (_none, n) => ({ name: `p${n}`, text: '𝌆'.repeat(n % 40), n }))
  for (const plan of [{}, nested, { values, nested, left: undefined }]) {
    const { signature } = await signPlan(vault, plan as unknown as Parameters<typeof signPlan>[1])
    expect(await vault.isPlanMac(signature, [canonicalJson(plan)])).toBe(true)
    expect(await vault.isPlanMac(signature, [`${canonicalJson(plan)} `])).toBe(false)
  }
})
