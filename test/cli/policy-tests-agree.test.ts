import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { validateSet } from '../../policies/set/index.ts'
import { runTests } from '../../policies/testing/index.ts'
import { PASSWORD } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

const FOLDER = join(ROOT, 'examples/policies')

let daemon: TestDaemon
let sandbox: Sandbox
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon } = home))

const json = async <T>(...argv: string[]): Promise<T> => {
  const { code, stdout, stderr } = await sandbox.run({
    argv: [...argv, '--json'],
    env: hostSettings(daemon),
    stdin: { text: PASSWORD },
  })
  expect({ argv, code, stderr: code === 0 ? '' : stderr + stdout }).toEqual({ argv, code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

interface Account {
  readonly id: string
}
interface Report {
  readonly policy: string
  readonly sid: string | null
}
interface Explained {
  readonly decision: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  readonly explanation: {
    readonly decided_by: { readonly layer: number; readonly statement: Report | null } | null
    readonly layers: readonly { readonly kind: string; readonly principal: string }[]
  }
}

beforeAll(async () => {
  sandbox = createSandbox()
  await json(
    'login',
    '--server',
    daemon.url,
    '--role',
    'super-admin',
    '--username',
    'root',
    '--password-stdin',
  )
  await json('policies', 'apply', FOLDER, '--yes')
})
afterAll(() => sandbox.remove())

/** What the daemon answers, as the case of a test that expects just that. */
const caseOf = (
  question: { principal: string; action: string; resource: string; total: number },
  said: Explained,
) => {
  const { decided_by: decided, layers } = said.explanation
  const layer = decided === null ? undefined : layers[decided.layer]
  const statement = decided?.statement
  return {
    name: JSON.stringify(question),
    principals: question.principal,
    actions: question.action,
    resources: question.resource,
    context: { 'orders.total': question.total },
    expect: said.decision,
    ...(layer === undefined ? {} : { layer: `${layer.kind} of ${layer.principal}` }),
    ...(statement === null || statement === undefined
      ? {}
      : { statement: `${statement.policy.replace('root/', '')}/${statement.sid ?? ''}` }),
  }
}

test('CLI-C21: policies test decides as the daemon does: the verdict, the layer and the statement', async () => {
  const create = (topic: string, name: string, ...more: string[]) =>
    json<Account>(topic, 'create', '--name', name, '--username', name, '--password-stdin', ...more)
  const { id: acme } = await create('admins', 'agree.acme')
  const { id: shop } = await create('clients', 'agree.shop', '--admin', acme)
  const { id: trial } = await create('clients', 'agree.trial', '--admin', acme, '--attribute', 'tier=trial')
  const principals = {
    [acme]: { role: 'admin' },
    [shop]: { role: 'client', creator: acme },
    [trial]: { role: 'client', creator: acme, attributes: { tier: 'trial' } },
  }
  const cases: object[] = []
  for (const principal of [acme, shop, trial])
    for (const action of ['orders:Read', 'orders:Refund'])
      for (const owner of [acme, `${acme}/${shop}`, `${acme}/${trial}`, 'other'])
        for (const total of action === 'orders:Read' ? [500] : [500, 501]) {
          const question = { principal, action, resource: `order/${owner}/1`, total }
          const ask = ['--principal', principal, '--context', `orders.total=${total}`]
          const said = await json<Explained>('access', 'explain', action, question.resource, ...ask)
          cases.push(caseOf(question, said))
        }
  const files = globSync('**/*.json', { cwd: FOLDER, exclude: ['tests/**'] }).map((path) => ({
    path,
    text: readFileSync(join(FOLDER, path), 'utf8'),
  }))
  const set = validateSet([
    ...files,
    { path: 'tests/agree_test.json', text: JSON.stringify({ principals, cases }) },
  ])
  expect(set.diagnostics).toEqual([])
  const run = runTests(set, { now: Date.now() })
  expect(run.questions).toBe(36)
  expect(
    run.results.flatMap(({ name, failed }) =>
      failed.map((each) => `${name} ${each.expected} ${each.actual}`),
    ),
  ).toEqual([])
  expect(new Set(cases.map((each) => (each as { expect: string }).expect)).size).toBe(3)
})
