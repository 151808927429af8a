import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Attachment, PolicyDocument, Service, Statement } from '../../policies/language.ts'
import { diffObjects, namedAttachments } from '../../policies/plan/objects.ts'
import type { ObjectOrigin, PolicyObject } from '../../policies/plan/types.ts'
import { anyStatement } from './arbitraries.ts'

/** `PLAN_RUNS`: how many random sets; some by default. */
const RUNS = Number(process.env['PLAN_RUNS'] ?? 200)

const ORIGIN: ObjectOrigin = {
  set: 'acme',
  source: null,
  commit: null,
  dirty: false,
  actor: null,
  revision: 1,
}

const anyAttachment: fc.Arbitrary<Attachment> = fc.record({
  to: fc.constantFrom<Attachment['to']>(
    { role: 'client' },
    { role: 'client', attributes: { tier: 'gold', size: 3 } },
    { role: 'admin' },
    { username: 'asha' },
  ),
  policies: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'authctl:Client'), { minLength: 1 }),
})
const anyDocument = (Id: string): fc.Arbitrary<PolicyDocument> =>
  fc
    .array(anyStatement, { minLength: 1, maxLength: 4 })
    .map((Statement) => ({ Version: 'authctl/1', Id, Statement }))
const anyService: fc.Arbitrary<Service> = fc.record({
  service: fc.constant('shop'),
  actions: fc.record(
    {
      Read: fc.record({ resources: fc.constantFrom(['order'], ['order', 'item']) }),
      Write: fc.record({ resources: fc.constant(['item']), keys: fc.constant(['shop.total']) }),
    },
    { requiredKeys: ['Read'] },
  ),
  resource_types: fc.constant({ order: {}, item: { description: 'one' } }),
  context_keys: fc.constant({ 'shop.total': { type: 'number' as const, always: true } }),
})

interface Files {
  readonly services: readonly Service[]
  readonly documents: readonly PolicyDocument[]
  readonly attachments: readonly Attachment[]
}
const anyFiles: fc.Arbitrary<Files> = fc.record({
  services: fc.array(anyService, { maxLength: 1 }),
  documents: fc
    .subarray(['a', 'b', 'c'])
    .chain((names) => fc.tuple(...names.map((name) => anyDocument(name)))),
  attachments: fc.array(anyAttachment, { maxLength: 5 }),
})

const objectsOf = ({ services, documents, attachments }: Files): PolicyObject[] => [
  ...services.map((value): PolicyObject => ({ kind: 'service', name: value.service, value, origin: ORIGIN })),
  ...documents.map((value): PolicyObject => ({ kind: 'document', name: value.Id, value, origin: ORIGIN })),
  ...namedAttachments(attachments.map((value) => ({ value, origin: ORIGIN }))),
]

const reversedKeys = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).toReversed()) as T

/** A list in another order, with a value twice, or as the value alone. */
const reworded = (value: string | readonly string[] | undefined): string | string[] | undefined => {
  if (value === undefined || typeof value === 'string') return value === undefined ? undefined : [value]
  const [first = ''] = value
  return value.length === 1 ? first : [...value.toReversed(), first]
}
const rewordedStatement = (statement: Statement): Statement => {
  const lists = (['Action', 'NotAction', 'Resource', 'NotResource'] as const).flatMap((name) => {
    const value = reworded(statement[name])
    return value === undefined ? [] : [[name, value] as const]
  })
  return reversedKeys({ ...statement, ...Object.fromEntries(lists) })
}
/** The same set in other words. */
const inOtherWords = ({ services, documents, attachments }: Files): Files => ({
  services: services.map((each) => reversedKeys({ ...each, actions: reversedKeys({ ...each.actions }) })),
  documents: documents
    .toReversed()
    .map((each) => reversedKeys({ ...each, Statement: each.Statement.toReversed().map(rewordedStatement) })),
  attachments: attachments
    .toReversed()
    .map((each) => reversedKeys({ ...each, policies: reworded(each.policies) ?? [] })),
})

const REACH = { set: 'acme', prune: true, adopt: new Set<string>() }

describe('the objects that differ', () => {
  test('order, keys, one for a list, and a value twice are no change', () => {
    fc.assert(
      fc.property(anyFiles, (files) => {
        const { changes, conflicts, spared } = diffObjects(
          objectsOf(files),
          objectsOf(inOtherWords(files)),
          REACH,
        )
        expect({ changes, conflicts, spared }).toEqual({ changes: [], conflicts: [], spared: [] })
      }),
      { numRuns: RUNS },
    )
  })

  test('what a plan names makes the wanted state of the present one, and then there is nothing left to do', () => {
    fc.assert(
      fc.property(anyFiles, anyFiles, (present, wanted) => {
        const [base, desired] = [objectsOf(present), objectsOf(wanted)]
        const { changes } = diffObjects(base, desired, REACH)
        const keyOf = ({ kind, name }: { kind: string; name: string }): string => `${kind}/${name}`
        const applied = new Map(base.map((each) => [keyOf(each), each]))
        for (const change of changes) {
          if (change.after === null) applied.delete(keyOf(change))
          else applied.set(keyOf(change), { ...change, value: change.after, origin: ORIGIN } as PolicyObject)
        }
        expect(diffObjects([...applied.values()], desired, REACH).changes).toEqual([])
        expect([...applied.keys()].sort()).toEqual(desired.map(keyOf).sort())
      }),
      { numRuns: RUNS },
    )
  })
})
