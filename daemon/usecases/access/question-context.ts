import {
  BOUNDS,
  type Catalogue,
  type Context,
  type ContextFault,
  contextFaults,
  keyNames,
  keyOf,
  malformedRest,
  type OwnedLayer,
  VALUE_WORDS,
} from '../../../policies/index.ts'
import { createSuggestionBudget, nearest, type SuggestionBudget } from '../../../policies/text/nearest.ts'
import type { KnownAccount } from '../../domain/account.ts'
import { Failure, type FieldError } from '../../domain/failure.ts'
import { namespaceOf, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { ForeignQuestion } from './answer.ts'

const didYouMean = (word: string, names: Iterable<string>, budget: SuggestionBudget): string => {
  const near = nearest(word, names, { budget })
  return near === undefined ? '' : ` Did you mean ${near}?`
}

const detailOf = (
  { key, fault, wanted }: ContextFault,
  { action, catalogue, budget }: { action: string; catalogue: Catalogue; budget: SuggestionBudget },
): string => {
  const form = wanted && VALUE_WORDS[wanted]
  switch (fault) {
    case 'unreadable':
      return `${key} must be ${form}: a policy about ${action} compares it as one.`
    case 'undeclared':
      return `No service declares the context key ${key}.${didYouMean(key, keyNames(catalogue), budget)}`
    case 'mistyped':
      return `${key} must be ${form}.`
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

/** Whose keys a question can say, beside those of services: what policies know of these is told by all. */
const OF_NO_SERVICE = ['request', 'principal', 'caller']
const OF_RESOURCE = 'resource.'
const known = new WeakMap<Catalogue, ReadonlySet<string>>()

const ownersOfKeys = (catalogue: Catalogue): ReadonlySet<string> => {
  const found = known.get(catalogue)
  if (found !== undefined) return found
  const names = [...catalogue.keys.keys()].map((key) => key.slice(0, key.indexOf('.')))
  const owners = new Set([...OF_NO_SERVICE, ...catalogue.byService.keys(), ...names])
  known.set(catalogue, owners)
  return owners
}

const FORM = `A text of at most ${BOUNDS.valueBytes} characters, a number, true or false, or a list of texts; at most ${BOUNDS.contextKeys} keys.`

/**
 * What an asker says, without the keys of services that this catalogue does not know, and what no attribute
 * of a resource is: no policy can mean them. A key that a known service does not declare stays, and is
 * refused: it is a slip, and a Deny might not see what was meant. What is said of the action counts where
 * its service declares it and the context does not say it. Throws `invalid_request` where what stays
 * is not what a question may say.
 */
export const withoutForeign = (
  catalogue: Catalogue,
  { resource, context = {}, ofAction = {} }: Pick<ForeignQuestion, 'resource' | 'context' | 'ofAction'>,
): Context => {
  const owners = ownersOfKeys(catalogue)
  const canBeMeant = (key: string): boolean =>
    key.startsWith(OF_RESOURCE)
      ? keyOf(catalogue, key) !== undefined
      : owners.has(key.slice(0, key.indexOf('.')))
  const said = Object.fromEntries([
    ...Object.entries(ofAction).filter(([key]) => catalogue.keys.has(key)),
    ...Object.entries(context).filter(([key]) => canBeMeant(key)),
  ])
  const malformed = malformedRest({ resource, context: said })
  if (malformed === undefined) return said
  throw new Failure('invalid_request', {
    errors: [{ pointer: malformed, code: 'value', detail: FORM }],
  })
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
