import type { GuardedRoute } from '../contract/route.ts'
import type { Account } from '../domain/account.ts'
import { pathOf, type Application } from '../domain/application.ts'
import type { Principal } from '../domain/session.ts'
import type { createFindTarget } from '../usecases/access/target.ts'
import { catchUp, type Authorize } from '../usecases/access/authorize.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'
import type { FollowedPolicies } from '../usecases/policies/follow.ts'

const PLACEHOLDER = /\$?\{([^}]+)\}/g

/** The resource of a request: the route's template with its placeholders filled. */
const resourceOf = (route: GuardedRoute, names: Readonly<Record<string, string | undefined>>): string =>
  route.resource.replace(PLACEHOLDER, (_match, name: string) => {
    const text = names[name]
    if (text === undefined) throw new Error(`${route.operationId}: nothing fills {${name}}`)
    return text
  })

const placeOf = (target: Account | Application): string =>
  'ownerPath' in target ? pathOf(target) : target.path

/**
 * Whether the caller may do what the route does: first whether the account or application that the path
 * names is one it may act on, then what the policies say. What is acted on, if the route has one. Throws
 * `not_found` or `forbidden`.
 */
export const createAuthorizeRequest =
  (
    authorize: Authorize,
    { findTarget, policies }: { findTarget: ReturnType<typeof createFindTarget>; policies: FollowedPolicies },
  ) =>
  async (
    route: GuardedRoute,
    request: {
      readonly principal: Principal
      readonly params: Readonly<Record<string, string>>
      readonly origin: RequestOrigin
    },
  ): Promise<Account | Application | undefined> => {
    const { principal, params, origin } = request
    const target =
      route.target === undefined ? undefined : await findTarget(principal, params['id'] ?? '', route.target)
    await catchUp(policies, principal)
    const names = {
      ...params,
      'caller.path': principal.account.path,
      'target.path': target && placeOf(target),
    }
    authorize({ principal, action: route.action, resource: resourceOf(route, names), origin })
    return target
  }
