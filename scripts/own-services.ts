import { isGuarded, type GuardedRoute, type Route } from '../daemon/contract/route.ts'
import type { Service } from '../policies/index.ts'

/**
 * The services that the routes declare: their actions, and the types of their resources. What policies about
 * the daemon itself may name.
 */
export const ownServices = (routes: readonly Route[]): Service[] => {
  const guarded = routes.filter(isGuarded)
  const typeOf = ({ resource }: GuardedRoute): string => resource.split('/')[0] ?? ''
  const names = new Set(guarded.map(({ action }) => action.split(':')[0] ?? ''))
  return [...names].map((service) => {
    const own = guarded.filter(({ action }) => action.startsWith(`${service}:`))
    const typesOf = (action: string): string[] => [
      ...new Set(own.filter((route) => route.action === action).map(typeOf)),
    ]
    return {
      service,
      actions: Object.fromEntries(
        own.map(({ action }) => [action.split(':')[1] ?? '', { resources: typesOf(action) }]),
      ),
      resource_types: Object.fromEntries(own.map((route) => [typeOf(route), {}])),
    }
  })
}
