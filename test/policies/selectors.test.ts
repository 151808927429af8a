import { describe, expect, test } from 'vitest'
import { exportFiles } from '../../cli/policies/plan/export-files.ts'
import type { Selector } from '../../policies/index.ts'
import { namedAttachments } from '../../policies/plan/objects.ts'
import { validateSet } from '../../policies/set/read.ts'
import { validateAttachments } from '../../policies/validate/attachments.ts'
import { eachAttachment } from '../../policies/validate/selectors.ts'

/* An attachment whose selector has several values of an attribute. */

const GIVEN = { policies: ['a'] }
const anything = { file: 'a.json', isAttachable: () => true, names: [] }
const fileOf = (...selectors: object[]): string =>
  JSON.stringify({ attachments: selectors.map((to) => ({ to, ...GIVEN })) })
const read = (...selectors: object[]) => validateAttachments(fileOf(...selectors), anything)
const client = (attributes: object): object => ({ role: 'client', attributes })
const selected = (...selectors: object[]): Selector[] | undefined =>
  read(...selectors).attachments?.map(({ to }) => to)

describe('several values', () => {
  test('stand for as many attachments: every combination, once, in their order', () => {
    expect(selected(client({ tier: ['gold', 'silver', 'gold'], level: [1, 2], region: 'in' }))).toEqual([
      client({ tier: 'gold', level: 1, region: 'in' }),
      client({ tier: 'gold', level: 2, region: 'in' }),
      client({ tier: 'silver', level: 1, region: 'in' }),
      client({ tier: 'silver', level: 2, region: 'in' }),
    ])
    expect(selected(client({ tier: ['gold'] }))).toEqual([client({ tier: 'gold' })])
    expect(selected({ id: 'cli_1' }, { role: 'user' }, { username: 'shop' })).toEqual([
      { id: 'cli_1' },
      { role: 'user' },
      { username: 'shop' },
    ])
    expect(
      eachAttachment({ to: { role: 'client', attributes: { tier: ['a', 'b'] } }, boundary: 'c' }),
    ).toEqual([
      { to: client({ tier: 'a' }), boundary: 'c' },
      { to: client({ tier: 'b' }), boundary: 'c' },
    ])
  })

  test('are found where the entry is written', () => {
    const { entries, writtenAt } = read(client({ tier: ['gold', 'silver'] }), { role: 'user' })
    expect(entries).toEqual([0, 0, 1])
    expect(writtenAt).toEqual([
      'a.json:1:17',
      'a.json:1:17',
      `a.json:1:${fileOf(client({ tier: ['gold', 'silver'] })).length}`,
    ])
  })

  test.each([
    ['none', client({ tier: [] }), 'E_EMPTY_LIST'],
    ['a list among them', client({ tier: ['gold', ['silver']] }), 'E_VALUE'],
    ['nothing', client({ tier: [null] }), 'E_VALUE'],
    [
      'more combinations than there may be',
      client({ a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, 2, 3, 4, 5, 6, 7, 8, 9] }),
      'E_LIMIT',
    ],
  ])('%s: refused', (_what, to, code) => {
    expect(read(to).diagnostics.map((each) => each.code)).toEqual([code])
  })
})

const DOCUMENT = {
  Version: 'authctl/1',
  Id: 'a',
  Statement: [{ Effect: 'Deny', Action: 'authctl:Logout', Resource: '*' }],
}
const files = (attachments: string) => [
  { path: 'authctl.json', text: '{"set": "acme"}' },
  { path: 'documents/a.json', text: JSON.stringify(DOCUMENT) },
  { path: 'attachments/a.json', text: attachments },
]

test('an export leaves an entry as it is written while the server has all that it stands for', async () => {
  const text = fileOf(client({ tier: ['gold', 'silver'] }))
  const { attachments } = validateSet(files(text), {})
  const objects = namedAttachments(attachments.map((value) => ({ value, origin: null })))
  const exported = (present: typeof objects) =>
    exportFiles('acme', { objects: present, files: [0, 2].flatMap((n) => files(text)[n] ?? []) })
  expect(await exported(objects)).toMatchObject({ written: [] })
  const fewer = await exported(objects.slice(1))
  expect(fewer.written.map((file) => JSON.parse(file.text) as unknown)).toEqual([
    { attachments: [{ to: client({ tier: 'silver' }), policies: ['a'] }] },
  ])
})

test('an invariant names its selectors one by one', () => {
  const invariant = {
    invariant: 'i',
    neverGrants: { to: client({ tier: ['gold'] }), Action: 'authctl:Logout', Resource: '*' },
  }
  const found = validateSet(
    [...files(fileOf({ role: 'user' })), { path: 'invariants/i.json', text: JSON.stringify(invariant) }],
    {},
  )
  expect(
    found.diagnostics.filter(({ file }) => file === 'invariants/i.json').map(({ code }) => code),
  ).toEqual(['E_VALUE'])
})
