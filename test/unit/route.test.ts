import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  AUTHENTICATION,
  BODY_FORMS,
  ERROR_FORMS,
  type AuthMode,
} from '../../daemon/contract/authentication.ts'
import { errorsOf } from '../../daemon/contract/route-errors.ts'
import { isGuarded, route, type Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'

const parts = {
  operationId: 'things.do',
  method: 'POST',
  path: '/things',
  tag: 'System',
  summary: 'Do it',
  responses: {},
  errors: [],
} as const
const action = 'authctl:Do'
const resource = 'thing/all'
const TABLE: readonly Route[] = Object.values(routes)

/**
 * `npm run typecheck` fails where a line below `@ts-expect-error` compiles, or a line without it does not.
 */
describe('a route', () => {
  test('has an action and a resource where the policies are asked, and only there', () => {
    const right = [
      route({ ...parts, auth: 'none' }),
      route({ ...parts, auth: 'refresh' }),
      route({ ...parts, auth: 'access', action, resource }),
      route({ ...parts, auth: 'access', action, resource, target: 'visible' }),
      route({ ...parts, auth: 'expired-access', action, resource }),
    ]
    expect(right.map(isGuarded)).toEqual([false, false, true, true, true])

    // @ts-expect-error: nobody asks about an action of an open route
    route({ ...parts, auth: 'none', action, resource })
    // @ts-expect-error: the action alone is wrong as well
    route({ ...parts, auth: 'none', action })
    // @ts-expect-error: so is the resource
    route({ ...parts, auth: 'none', resource })
    // @ts-expect-error: an open route acts on no account
    route({ ...parts, auth: 'none', target: 'visible' })
    // @ts-expect-error: a refresh token is judged by its use case, not by a policy
    route({ ...parts, auth: 'refresh', action, resource })
    // @ts-expect-error: a guarded route says what is asked
    route({ ...parts, auth: 'access' })
    // @ts-expect-error: and about what
    route({ ...parts, auth: 'access', action })
    // @ts-expect-error: and by which action
    route({ ...parts, auth: 'expired-access', resource })
    // @ts-expect-error: there is no such kind
    route({ ...parts, auth: 'basic', action, resource })
    // @ts-expect-error: every route authenticates in some way
    route({ ...parts, action, resource })
  })

  test('is guarded by its kind of authentication alone', () => {
    expectTypeOf<Extract<Route, { action: string }>['auth']>().toEqualTypeOf<
      'access' | 'session' | 'expired-access'
    >()
    for (const each of TABLE) {
      expect('action' in each && 'resource' in each, each.operationId).toBe(isGuarded(each))
      if ('target' in each) expect(isGuarded(each), each.operationId).toBe(true)
    }
  })
})

describe('the kinds of authentication', () => {
  test.each(Object.keys(AUTHENTICATION) as AuthMode[])('%s is that of some route', (mode) => {
    expect(TABLE.map(({ auth }) => auth)).toContain(mode)
  })

  test('name forms of errors and bodies that there are, each in use', () => {
    const kinds = Object.values(AUTHENTICATION)
    expect([...new Set(kinds.map(({ errorForm }) => errorForm))]).toEqual(Object.keys(ERROR_FORMS))
    expect([...new Set(kinds.map(({ bodyForm }) => bodyForm))]).toEqual(Object.keys(BODY_FORMS))
  })

  test('decide which codes every route of theirs can answer', () => {
    for (const each of TABLE) {
      const codes = [...errorsOf(each).values()].flat()
      expect(codes.includes('forbidden'), each.operationId).toBe(isGuarded(each))
      expect(codes.includes('authentication_required'), each.operationId).toBe(
        each.auth !== 'none' && each.auth !== 'client',
      )
    }
  })
})
