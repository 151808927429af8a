import { createCatalogue, listOf } from '../../../policies/index.ts'
import type { PolicyObject } from '../../../policies/plan/index.ts'
import { validateDocument, validateInvariant } from '../../../policies/validate/index.ts'
import { Failure, type FieldError } from '../../domain/failure.ts'
import {
  fullName,
  splitName,
  type OwnedNamespace,
  type PolicySnapshot,
} from '../../domain/policy-snapshot.ts'
import { createBreather } from '../breather.ts'
import { servicesAbove } from './desired.ts'
import { MANAGED_NAMES } from './documents.ts'

const MAX_ERRORS = 100

const goneNames = (
  objects: readonly PolicyObject[],
  { snapshot, home }: { snapshot: PolicySnapshot; home: OwnedNamespace },
): FieldError[] => {
  const own = new Set(objects.flatMap(({ kind, name }) => (kind === 'document' ? [name] : [])))
  const isThere = (written: string): boolean => {
    const full = fullName(written, home.name)
    const { namespace, name } = splitName(full)
    if (namespace === home.name) return own.has(name)
    return namespace === undefined ? MANAGED_NAMES.includes(full) : snapshot.find(full) !== undefined
  }
  return objects.flatMap((object) => {
    if (object.kind !== 'attachment') return []
    const { policies = [], boundary = [] } = object.value
    return [...listOf<string>(policies), ...listOf<string>(boundary)]
      .filter((name) => !isThere(name))
      .map((name) => ({
        pointer: `attachment/${object.name}`,
        code: 'E_REF',
        detail: `It attaches ${name}, which is not there any more.`,
      }))
  })
}

/** What names what services declare. */
const VALIDATORS: Partial<Record<PolicyObject['kind'], typeof validateDocument | typeof validateInvariant>> =
  { document: validateDocument, invariant: validateInvariant }

/**
 * Whether objects of an older revision can be in force today: every document and invariant is valid by what
 * is declared above now, and what is attached is there. Throws `policy_invalid`, which names what a service
 * does not declare any more.
 */
export const requireValidToday = async (
  objects: readonly PolicyObject[],
  around: { snapshot: PolicySnapshot; home: OwnedNamespace },
): Promise<void> => {
  const breathe = createBreather()
  const own = objects.flatMap((object) => (object.kind === 'service' ? [object.value] : []))
  const catalogue = createCatalogue([...servicesAbove(around.snapshot, around.home), ...own])
  const errors = goneNames(objects, around)
  for (const object of objects) {
    const validate = VALIDATORS[object.kind]
    if (validate === undefined || errors.length >= MAX_ERRORS) continue
    await breathe()
    const file = `${object.kind}/${object.name}`
    const { diagnostics } = validate(JSON.stringify(object.value), { file, catalogue })
    for (const { code, message, severity } of diagnostics)
      if (severity === 'error')
        errors.push({
          pointer: file,
          code,
          detail: `A service has changed since that revision, or is gone: ${message}.`,
        })
  }
  if (errors.length > 0)
    throw new Failure('policy_invalid', {
      detail:
        'The revision names what is not declared any more: declare it again first, or choose another revision.',
      errors: errors.slice(0, MAX_ERRORS),
    })
}
