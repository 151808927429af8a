import type { Route } from '../contract/route.ts'
import { mayCall } from '../domain/decision.ts'
import { Failure } from '../domain/failure.ts'
import type { Principal } from '../domain/session.ts'

/** Whether this caller may ask for the route's action. Which objects it may do it to is the use case's to say (tree.ts). Throws `forbidden`. */
export const authorize = (route: Route, principal: Principal | undefined): void => {
  if (principal !== undefined && !mayCall(principal.account.role, route.action)) {
    throw new Failure('forbidden', { reason: route.action })
  }
}
