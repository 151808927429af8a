import {
  type Catalogue,
  type Context,
  type ContextFault,
  contextFaults,
  keyNames,
  type OwnedLayer,
} from '../../../policies/index.ts'
import { createSuggestionBudget, nearest, type SuggestionBudget } from '../../../policies/text/nearest.ts'
import type { KnownAccount } from '../../domain/account.ts'
import { Failure, type FieldError } from '../../domain/failure.ts'
import { namespaceOf, type PolicySnapshot } from '../../domain/policy-snapshot.ts'

const didYouMean = (word: string, names: Iterable<string>, budget: SuggestionBudget): string => {
  const near = nearest(word, names, { budget })
  return near === undefined ? '' : ` Did you mean ${near}?`
}

const detailOf = (
  { key, fault, wanted }: ContextFault,
  { action, catalogue, budget }: { action: string; catalogue: Catalogue; budget: SuggestionBudget },
): string => {
  switch (fault) {
    case 'unreadable':
      return `${key} must be ${wanted}: a policy about ${action} compares it as one.`
    case 'undeclared':
      return `No service declares the context key ${key}.${didYouMean(key, keyNames(catalogue), budget)}`
    case 'mistyped':
      return `${key} must be ${wanted}.`
    case 'missing':
      return `${key} is declared as always there: every question about ${action} needs it.`
  }
}

/**
 * Requires that what an asker says of the circumstances is what the services declare, and what the policies
 * of these `layers` can read. Throws `invalid_request` with every key that is wrong.
 */
export const requireDeclared = (
  catalogue: Catalogue,
  asked: { action: string; said: Context; layers: readonly OwnedLayer[] },
): void => {
  const faults = contextFaults(catalogue, asked)
  if (faults.length === 0) return
  const words = { action: asked.action, catalogue, budget: createSuggestionBudget() }
  const errors = faults.map((fault): FieldError => ({
    pointer: `/context/${fault.key}`,
    code: 'context',
    detail: detailOf(fault, words),
  }))
  throw new Failure('invalid_request', { errors })
}

/** Whether a service that the account sees, or one of a namespace below it, declares the action. */
export const isDeclaredBelow = (snapshot: PolicySnapshot, account: KnownAccount, action: string): boolean => {
  const own = namespaceOf(account)
  const [service = '', verb = ''] = action.split(':')
  return (
    snapshot.catalogueOf(account).actions.has(action) ||
    [...snapshot.namespaces.values()].some(
      ({ revision: { above }, services }) =>
        own !== undefined &&
        above.includes(own) &&
        services.get(service)?.service.actions[verb] !== undefined,
    )
  )
}

/** What is wrong with an action that no service declares. */
export const unknownAction = (
  snapshot: PolicySnapshot,
  account: KnownAccount,
  action: string,
): FieldError => {
  const names = snapshot.catalogueOf(account).actions.keys()
  const hint = didYouMean(action, names, createSuggestionBudget())
  return { pointer: '/action', code: 'unknown_action', detail: `No service declares ${action}.${hint}` }
}
