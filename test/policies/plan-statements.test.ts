import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PolicyDocument, Statement } from '../../policies/language.ts'
import { diffStatements } from '../../policies/plan/statements.ts'
import { anyStatement } from './arbitraries.ts'

const documentOf = (...Statement: Statement[]): PolicyDocument => ({
  Version: 'authctl/1',
  Id: 'clerk',
  Statement,
})
const refund: Statement = {
  Sid: 'Refund',
  Effect: 'Allow',
  Action: ['orders:Refund', 'orders:Read'],
  Resource: 'order/${principal.path}/*',
  Condition: { NumericLessThanEquals: { 'orders.total': 500 } },
}

describe('the statements that differ', () => {
  test('a change keeps the whole identity of the statement and marks values inside lists', () => {
    const after: Statement = {
      ...refund,
      Action: ['orders:List', 'orders:Read'],
      Condition: { NumericLessThanEquals: { 'orders.total': 1000 }, Bool: { 'request.mfa': true } },
    }
    expect(diffStatements(documentOf(refund), documentOf(after))).toEqual([
      {
        verb: 'update',
        sid: 'Refund',
        index: 0,
        before: refund,
        after,
        elements: [
          { element: 'Action', added: ['orders:List'], removed: ['orders:Refund'], kept: ['orders:Read'] },
          {
            element: 'Condition NumericLessThanEquals orders.total',
            added: ['1000'],
            removed: ['500'],
            kept: [],
          },
          { element: 'Condition Bool request.mfa', added: ['true'], removed: [], kept: [] },
        ],
      },
    ])
  })

  test('order, duplicates, one for a list, numbers as text and the case of actions are no change', () => {
    const same: Statement = {
      Condition: { NumericLessThanEquals: { 'orders.total': ['500', '500'] } },
      Resource: ['order/${principal.path}/*'],
      Action: ['ORDERS:read', 'orders:Refund', 'orders:Read'],
      Effect: 'Allow',
      Sid: 'Refund',
    }
    const other: Statement = { Effect: 'Deny', Action: '*', Resource: '*' }
    expect(diffStatements(documentOf(refund, other), documentOf(other, same))).toEqual([])
  })

  test('a statement without a Sid is paired with the one that it shares most with', () => {
    const { Sid: _, ...nameless } = refund
    const wider = { ...nameless, Resource: ['order/${principal.path}/*', 'order/shared/*'] }
    const deny: Statement = { Effect: 'Deny', Action: 'orders:Refund', Resource: '*' }
    const changes = diffStatements(documentOf(nameless), documentOf(deny, wider))
    expect(changes.map(({ verb, index }) => [verb, index])).toEqual([
      ['create', 0],
      ['update', 1],
    ])
    expect(changes[1]?.elements).toEqual([
      {
        element: 'Resource',
        added: ['order/shared/*'],
        removed: [],
        kept: ['order/${principal.path}/*'],
      },
    ])
  })

  test('a document that comes or goes is all its statements, and a new Sid alone is told', () => {
    expect(diffStatements(null, documentOf(refund))).toMatchObject([{ verb: 'create', before: null }])
    expect(diffStatements(documentOf(refund), null)).toMatchObject([{ verb: 'delete', after: null }])
    const renamed = { ...refund, Sid: 'SmallRefund' }
    expect(diffStatements(documentOf(refund), documentOf(renamed))).toMatchObject([
      { verb: 'update', sid: 'SmallRefund', elements: [] },
    ])
  })

  test('what comes and stays makes up the new document, what goes and stays the old one', () => {
    const anyDocument = fc
      .array(anyStatement, { minLength: 1, maxLength: 5 })
      .map((all) => documentOf(...all))
    fc.assert(
      fc.property(anyDocument, anyDocument, (before, after) => {
        const changes = diffStatements(before, after)
        const count = (verb: string): number => changes.filter((each) => each.verb === verb).length
        expect(after.Statement.length - before.Statement.length).toBe(count('create') - count('delete'))
        for (const each of changes) {
          if (each.after !== null) expect(after.Statement[each.index]).toBe(each.after)
          if (each.verb === 'delete') expect(before.Statement[each.index]).toBe(each.before)
          for (const { added, removed, kept } of each.elements)
            expect(added.filter((value) => removed.includes(value) || kept.includes(value))).toEqual([])
        }
        expect(diffStatements(after, after)).toEqual([])
      }),
    )
  })
})
