import { expect, test } from 'vitest'
import { namesTag, requireMatch } from '../../daemon/domain/precondition.ts'
import { preconditionOf } from '../../daemon/http/precondition.ts'

test.each([
  ['"a"', ['a'], ['a']],
  ['W/"a"', [], ['a']],
  [' "a" , W/"b","c"', ['a', 'c'], ['a', 'b', 'c']],
  ['*', '*', '*'],
  [' * ', '*', '*'],
  ['a', [], []],
  ['', [], []],
])('the header %j names %j strongly and %j weakly', (header, strong, weak) => {
  expect(preconditionOf({ 'if-match': header, 'if-none-match': header })).toEqual({
    ifMatch: strong,
    ifNoneMatch: weak,
  })
})

test('without headers nothing is asked for', () => {
  expect(preconditionOf({})).toEqual({ ifMatch: undefined, ifNoneMatch: undefined })
})

test('what is not there has no tag, not even for *', () => {
  expect(namesTag('*', undefined)).toBe(false)
  expect(namesTag('*', 'a')).toBe(true)
  expect(namesTag(['a'], 'b')).toBe(false)
})

test.each([
  [{ ifMatch: ['a'] }, 'a', undefined],
  [{ ifMatch: ['b'] }, 'a', 'precondition_failed'],
  [{ ifMatch: [] }, 'a', 'precondition_failed'],
  [{ ifMatch: '*' }, undefined, 'precondition_failed'],
  [{ ifNoneMatch: '*' }, undefined, undefined],
  [{ ifNoneMatch: '*' }, 'a', 'precondition_failed'],
  [{}, 'a', 'precondition_required'],
  [{}, undefined, undefined],
] as const)('%j where %j is: %j', (asked, present, code) => {
  const precondition = { ifMatch: undefined, ifNoneMatch: undefined, ...asked }
  const run = () => requireMatch(precondition, present)
  if (code === undefined) expect(run).not.toThrow()
  else expect(run).toThrowError(expect.objectContaining({ code }))
})
