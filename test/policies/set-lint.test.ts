import { describe, expect, test } from 'vitest'
import { lintSet } from '../../policies/set/lint.ts'
import { validateSet } from '../../policies/set/read.ts'
import type { Attachment, Statement } from '../../policies/language.ts'

const SHOP = {
  service: 'shop',
  actions: {
    Read: { resources: ['order'] },
    List: { resources: ['order'] },
    Refund: { resources: ['order'], sensitive: true },
  },
  resource_types: { order: {} },
}
const READ: Statement = { Effect: 'Allow', Action: 'shop:Read', Resource: 'order/${principal.path}/*' }
const EVERYTHING: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }
const NO_REFUND: Statement = { Effect: 'Deny', Action: 'shop:Refund', Resource: '*' }
const CAP = { cap: [EVERYTHING, NO_REFUND] }

const lint = (
  attachments: readonly Attachment[],
  documents: Readonly<Record<string, readonly Statement[]>> = {},
): string[] => {
  const file = (path: string, content: object) => ({ path, text: JSON.stringify(content, null, 1) })
  const set = validateSet([
    file('authctl.json', { set: 'acme' }),
    file('services/shop.json', SHOP),
    ...Object.entries({ clerk: [READ], ...documents }).map(([Id, Statement]) =>
      file(`documents/${Id}.json`, { Version: 'authctl/1', Id, Statement }),
    ),
    file('attachments/all.json', { attachments }),
  ])
  expect(set.diagnostics).toEqual([])
  return lintSet(set, { now: 0 })
    .filter(({ code }) => code !== 'W_NEVER_ATTACHED')
    .map(({ code, file: at, line, message }) => `${at}:${line} ${code} ${message}`)
}

const to = (role: string, policies: string | string[], attributes?: Record<string, string>): Attachment => ({
  to: { role, ...(attributes === undefined ? {} : { attributes }) },
  policies,
})

describe('a layer above that allows nothing of a service', () => {
  test('is told where the policy is attached', () => {
    expect(lint([to('client', ['authctl:Client', 'clerk'])])).toEqual([
      'attachments/all.json:9 W_LAYER_ABOVE clerk allows every client something of shop, and nothing here allows the role admin above it any of that',
    ])
    expect(lint([to('admin', 'clerk'), to('sub-client', 'clerk')])).toEqual([
      expect.stringContaining('the role client above it') as string,
    ])
  })

  test.each<[string, Attachment[]]>([
    ['with the same policy', [to('admin', 'clerk'), to('client', 'clerk')]],
    ['with another of the service', [to('admin', 'root/all'), to('client', 'clerk')]],
    ['with one that allows everything', [to('admin', 'authctl:InheritCreator'), to('client', 'clerk')]],
    ['with one for some of the role', [to('admin', 'clerk', { tier: 'gold' }), to('client', 'clerk')]],
    ['with one for a single account', [{ to: { id: 'adm_1' }, policies: 'clerk' }, to('client', 'clerk')]],
    ['of a role that has nobody above', [to('admin', 'clerk'), to('user', 'clerk')]],
    ['of what is about the daemon itself', [to('client', 'authctl:Client')]],
    ['of a Deny', [to('client', 'none')]],
  ])('%s it is not', (_what, attachments) => {
    const none: Statement[] = [{ Effect: 'Deny', Action: 'shop:Read', Resource: '*' }]
    expect(lint(attachments, { all: [{ ...READ, Action: 'shop:List' }], none })).toEqual([])
  })
})

describe('a boundary', () => {
  const all = to('admin', 'clerk')
  test('without an Allow denies everything, and that is told', () => {
    expect(lint([all, { to: { role: 'client' }, boundary: 'deny' }], { deny: [NO_REFUND] })).toEqual([
      'attachments/all.json:13 W_BOUNDARY_WITHOUT_ALLOW deny allows nothing: as a boundary it denies everything',
    ])
  })

  test('may allow everything, since it gives nothing; a policy may not', () => {
    expect(lint([all, { to: { role: 'client' }, boundary: 'cap' }], CAP)).toEqual([])
    expect(lint([to('admin', ['clerk', 'cap']), { to: { role: 'client' }, boundary: 'cap' }], CAP)).toEqual([
      'documents/cap.json:5 W_STAR_STAR this allows everything',
    ])
  })
})

test('a set that gives most roles their managed policies names those that it leaves out', () => {
  const managed = [
    to('super-admin', 'authctl:SuperAdmin'),
    to('admin', 'authctl:Admin'),
    to('client', 'authctl:Client'),
  ]
  expect(lint(managed)).toEqual([
    'attachments/all.json:4 W_ROLE_UNMANAGED the role sub-client has neither authctl:SubClient nor one in its place',
    'attachments/all.json:4 W_ROLE_UNMANAGED the role user has neither authctl:User nor one in its place',
  ])
  const own = {
    own: [{ Effect: 'Allow', Action: 'authctl:GetSelf', Resource: 'account/${principal.path}' }],
  } as const
  expect(lint([...managed, to('sub-client', 'own'), to('user', 'authctl:User')], own)).toEqual([])
  expect(lint(managed.slice(0, 2))).toEqual([])
})

describe('findings point at the element', () => {
  const found = (statement: Statement): string[] => lint([to('admin', 'wide')], { wide: [statement] })
  const wide = (more: Partial<Statement>): Statement => ({ ...READ, ...more })

  test.each<[string, Statement, string[]]>([
    [
      'a wildcard over a sensitive action',
      wide({ Action: ['shop:Read', 'shop:R*d'] }),
      [
        ':9 W_SENSITIVE shop:R*d also allows shop:Refund, which its service declares as sensitive',
        ':8 W_REDUNDANT_ACTION shop:Read is covered by another pattern of the list',
      ],
    ],
    [
      'a sensitive action on everything',
      wide({ Action: 'shop:Refund', Resource: ['*'] }),
      [
        ':9 W_BROAD_RESOURCE Resource * is every resource of these actions',
        ':7 W_SENSITIVE shop:Refund is allowed on every resource, which its service declares as sensitive',
      ],
    ],
    [
      'all of a service',
      wide({ Action: 'shop:*' }),
      [':7 W_BROAD_ACTION shop:* also allows actions that are added later, and the sensitive shop:Refund'],
    ],
    ['a sensitive action by its name', wide({ Action: 'shop:Refund' }), []],
  ])('%s', (_what, statement, warnings) => {
    expect(found(statement).toSorted()).toEqual(
      warnings.map((text) => `documents/wide.json${text}`).toSorted(),
    )
  })

  test('and every redundant pattern is named', () => {
    const resources = ['order/a/*', 'order/a/b', 'order/a/c', 'order/b']
    expect(found(wide({ Resource: resources }))).toEqual([
      'documents/wide.json:10 W_REDUNDANT_RESOURCE order/a/b is covered by another pattern of the list',
      'documents/wide.json:11 W_REDUNDANT_RESOURCE order/a/c is covered by another pattern of the list',
    ])
  })
})
