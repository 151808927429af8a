import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { planMarkdown } from '../../cli/policies/plan/markdown.ts'
import { planText } from '../../cli/policies/plan/text.ts'
import { inSurroundings } from '../../cli/surroundings.ts'
import { accessLines } from '../../cli/policies/plan/lines.ts'
import { applyCommand } from '../../cli/policies/plan/command-line.ts'
import { accessWords, changesWords } from '../../cli/policies/plan/words.ts'
import type { AccessChange, ObjectChange, Plan, StatementChange } from '../../policies/plan/index.ts'

const accessChange = (n: number, more: Partial<AccessChange> = {}): AccessChange => ({
  verb: 'gain',
  action: `orders:Read${n}`,
  resource: `order/${n}/*`,
  cause: { policy: `root/p${n}`, sid: 'Read', index: 0, effect: 'Allow', source: `documents/p${n}.json:3:5` },
  accounts: 100_000,
  sample: ['cli_1', 'cli_2', 'cli_3', 'cli_4', 'cli_5'],
  witness: {
    principal: 'cli_1',
    action: `orders:Read${n}`,
    resource: `order/${n}/~`,
    context: { 'orders.total': 5 },
    before: 'DENY_IMPLICIT',
    after: 'ALLOW',
  },
  ...more,
})

const statement = { Effect: 'Allow', Action: ['orders:Read'], Resource: ['order/```/*', '<b>'] } as const
const statementChange: StatementChange = {
  verb: 'update',
  sid: 'Read',
  index: 0,
  before: statement,
  after: statement,
  elements: [{ element: 'Resource', added: ['order/```/*'], removed: ['order/x/*'], kept: ['<b>'] }],
}
const objectChange = (n: number): ObjectChange => ({
  kind: 'document',
  name: `p${n}`,
  verb: 'update',
  before: { Version: 'authctl/1', Id: `p${n}`, Statement: [statement] },
  after: { Version: 'authctl/1', Id: `p${n}`, Statement: [statement] },
  owner: 'acme',
  adopts: false,
  source: `documents/p${n}.json:3:9`,
  statements: Array.from({ length: 20 }, () => statementChange),
})

const planOf = (access: readonly AccessChange[], changes: readonly ObjectChange[]): Plan => ({
  version: 1,
  order: {
    namespace: 'root',
    set: 'acme',
    rollback_to: null,
    directory: 'policies',
    commit: '4f1d2c9a7be0358d6c1f0a9e2b7d4c5e8f6a1b30',
    dirty: false,
    prune: false,
    prune_used: false,
    adopt: [],
    allow_lockout: false,
    limits: { max_gain: null, max_lose: null, max_deletes: null },
  },
  files: [],
  base: { revision: 'r', number: 12 },
  actor: 'sa_1',
  created_at: '2026-01-01T00:00:00Z',
  expires_at: '2026-01-08T00:00:00Z',
  changes,
  spared: [],
  access: {
    gained: { rights: access.length, accounts: 100_000 },
    lost: { rights: 0, accounts: 0 },
    changes: access,
    changes_total: access.length,
    shut: { accounts: 0, sample: [] },
    examined: 100_000,
  },
  warnings: [],
  conflicts: [],
  refusals: [],
  digest: 'd',
  signature: 's',
})

const many = Array.from({ length: 200 }, (_, n) => accessChange(n))

const onTerminal = async (plan: Plan, env: Record<string, string>): Promise<string> =>
  await inSurroundings(
    {
      env,
      stdin: process.stdin,
      stdout: Object.assign(new PassThrough(), { isTTY: true, columns: 80 }),
      stderr: new PassThrough(),
      exitCode: 0,
      endOnInterrupt: () => undefined,
    },
    () => planText(plan),
  )

describe('a plan', () => {
  test('keeps to the width of a terminal, and says by signs what colours say', async () => {
    const plan = planOf(many.slice(0, 3), [objectChange(1)])
    const plain = await onTerminal(plan, { NO_COLOR: '1' })
    expect(plain.split('\n').filter((line) => line.length > 80)).toEqual([])
    const colored = await onTerminal(plan, { TERM: 'xterm-256color' })
    expect(colored).toContain('\u001b[32m  + ')
    expect(stripVTControlCharacters(colored)).toBe(plain)
  })

  test('of a hundred thousand accounts fits into forty lines, and says how much it leaves out', () => {
    const lines = accessLines({ ...planOf(many, []).access, changes_total: 5000 })
    expect(lines.length).toBeLessThanOrEqual(40)
    expect(lines.at(-1)?.text).toBe('and 4,988 changes more; all that are listed with -o json')
  })

  test('tells actions that come by one statement in one breath', () => {
    const [first] = many
    const group = ['orders:Read', 'orders:Refund'].map((action) => ({ ...(first as AccessChange), action }))
    const [head, by, example] = accessLines(planOf(group, []).access)
    expect(head).toEqual({
      sign: '+',
      depth: 1,
      text: 'orders:Read, orders:Refund on order/0/*: 100,000 accounts',
    })
    expect(by?.text).toBe('by Allow of root/p0, Read (documents/p0.json:3:5)')
    expect(example?.text).toBe(
      'as cli_1: orders:Read0 on order/0/~ with orders.total=5: DENY_IMPLICIT, then ALLOW',
    )
  })

  test('as Markdown fits a comment, whatever it holds, and nothing in it ends a fence or opens a tag', () => {
    for (const objects of [1, 30, 300, 3000]) {
      const text = planMarkdown(
        planOf(
          many,
          Array.from({ length: objects }, (_, n) => objectChange(n)),
        ),
      )
      expect(text.length).toBeLessThan(65_536)
      const fences = text.split('\n').filter((line) => /^`{3,}/.test(line))
      expect(fences.length % 2).toBe(0)
      // The text has a run of three backticks: the fence around it is longer.
      if (objects === 1) expect(fences).toContain('````diff')
      expect(text.split('\n').filter((line) => line.startsWith('<'))).toEqual(
        expect.arrayContaining(['<details open><summary>Who gains and loses what</summary>', '</details>']),
      )
    }
  })

  test('counts in words, one and many', () => {
    const { access } = planOf(many, [])
    expect(
      accessWords({ ...access, gained: { rights: 3, accounts: 12 }, lost: { rights: 1, accounts: 1 } }),
    ).toBe('+3 rights for 12 accounts, -1 right for 1 account')
    expect(accessWords({ ...access, gained: { rights: 0, accounts: 0 }, examined: 7 })).toBe(
      'nobody gains or loses a right (7 accounts asked)',
    )
    expect(changesWords([objectChange(1), { verb: 'delete' }])).toBe('1 to change, 1 to delete')
    expect(changesWords([])).toBe('no changes')
  })

  test('ends with a command that a shell takes as it is', () => {
    const flags = {
      prune: true,
      'prune-used': false,
      adopt: ['attachment/role=client tier="it\'s"'],
      'allow-lockout': false,
      'max-gain': 3,
    }
    expect(applyCommand({ path: 'my policies' }, flags)).toBe(
      `authctl policies apply 'my policies' --prune --adopt 'attachment/role=client tier="it'\\''s"' --max-gain 3`,
    )
    expect(applyCommand({ path: '.' }, { ...flags, out: 'plan.json', server: 'http://127.0.0.1:8000' })).toBe(
      'authctl policies apply plan.json --server http://127.0.0.1:8000',
    )
  })
})
