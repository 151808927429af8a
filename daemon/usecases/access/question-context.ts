import {
  type Catalogue,
  type Context,
  type ContextValue,
  keyNames,
  keyOf,
  type OwnedLayer,
  unreadableKeys,
  VALUE_FORMS,
} from '../../../policies/index.ts'
import { createSuggestionBudget, nearest, type SuggestionBudget } from '../../../policies/text/nearest.ts'
import type { KnownAccount } from '../../domain/account.ts'
import { Failure, type FieldError } from '../../domain/failure.ts'
import { namespaceOf, type PolicySnapshot } from '../../domain/policy-snapshot.ts'

const wrong = (key: string, detail: string): FieldError => ({
  pointer: `/context/${key}`,
  code: 'context',
  detail,
})

const didYouMean = (word: string, names: Iterable<string>, budget: SuggestionBudget): string => {
  const near = nearest(word, names, { budget })
  return near === undefined ? '' : ` Did you mean ${near}?`
}

const problemOf = (
  [key, value]: readonly [string, ContextValue],
  { catalogue, budget }: { catalogue: Catalogue; budget: SuggestionBudget },
): FieldError | undefined => {
  const known = keyOf(catalogue, key)
  if (known === undefined) {
    const hint = didYouMean(key, keyNames(catalogue), budget)
    return wrong(key, `No service declares the context key ${key}.${hint}`)
  }
  const { isOf, what } = VALUE_FORMS[known.type]
  return isOf(value) ? undefined : wrong(key, `${key} must be ${what}.`)
}

/** The keys that every request for the action has, by its declaration, and that this one does not. */
const missingKeys = (catalogue: Catalogue, action: string, context: Context): FieldError[] =>
  [...(catalogue.actions.get(action)?.keys ?? [])]
    .filter((key) => catalogue.keys.get(key)?.always === true && !Object.hasOwn(context, key))
    .map((key) => wrong(key, `${key} is declared as always there: every question about ${action} needs it.`))

/**
 * Requires that what an asker says of the circumstances is what the services declare: known keys, values of
 * their types, and every key that is declared as always there. A policy could not tell a value of another
 * type, or one that is missing against the declaration, from one that it does not mean, and a Deny would not
 * see it. What is said of the resource no service declares; it must be what the policies of these `layers`
 * compare it as. An action that no service declares is denied whatever is said. Throws `invalid_request` with
 * every key that is wrong.
 */
export const requireDeclared = (
  catalogue: Catalogue,
  { action, said, layers }: { action: string; said: Context; layers: readonly OwnedLayer[] },
): void => {
  if (!catalogue.actions.has(action)) return
  const budget = createSuggestionBudget()
  const errors = [
    ...unreadableKeys(layers, { action, context: said }).map(({ key, readAs }) =>
      wrong(key, `${key} must be ${VALUE_FORMS[readAs].what}: a policy about ${action} compares it as one.`),
    ),
    ...Object.entries(said).flatMap((each) => problemOf(each, { catalogue, budget }) ?? []),
    ...missingKeys(catalogue, action, said),
  ]
  if (errors.length > 0) throw new Failure('invalid_request', { errors })
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
