import type { ErrorObject } from 'ajv/dist/2020.js'
import { createSuggestionBudget, nearest } from '../../policies/text/nearest.ts'
import type { FieldError } from '../domain/failure.ts'

const MAX_REPORTED = 20

interface Params {
  readonly additionalProperty?: string
  readonly missingProperty?: string
  readonly propertyName?: string
  readonly property?: string
}

const paramsOf = (error: ErrorObject): Params => error.params as Params

const named = (error: ErrorObject): string => {
  const { additionalProperty, missingProperty, propertyName } = paramsOf(error)
  const name = additionalProperty ?? missingProperty ?? propertyName
  return name === undefined ? '' : `/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

const DETAILS: Readonly<Record<string, string>> = {
  additionalProperties: 'This field is unknown here.',
  required: 'This field is missing.',
  oneOf: 'Send exactly one way to sign in: username and password, or number and otp.',
  anyOf: 'None of the allowed forms matches.',
}

/** Forms that differ by a required field only are told by the names of these. */
const requiredForms = (schema: unknown): string | undefined => {
  const forms = (schema as readonly { required?: readonly string[] }[]).map(({ required }) => required?.[0])
  return forms.every((name) => name !== undefined) ? `Send ${forms.join(' or ')}.` : undefined
}

const detailOf = (error: ErrorObject): string => {
  const { keyword, schema, message } = error
  if (keyword === 'dependentRequired')
    return `This field is missing: ${paramsOf(error).property} belongs to it.`
  if (keyword === 'anyOf') return requiredForms(schema) ?? DETAILS['anyOf'] ?? ''
  const described = keyword === 'not' ? (schema as { description?: string }).description : undefined
  return described ?? DETAILS[keyword] ?? `The value ${message ?? 'is not valid'}.`
}

/** Errors of the single forms of a choice: the choice itself says that none of them fits. */
const isOfOneForm = ({ schemaPath }: ErrorObject): boolean => /\/(?:anyOf|oneOf)\/\d+\//.test(schemaPath)

/** A field that is unknown, and which it was probably meant to be. */
interface Misspelling {
  readonly error: ErrorObject
  readonly meant: string
}

const misspellingsOf = (errors: readonly ErrorObject[]): Misspelling[] => {
  const budget = createSuggestionBudget()
  return errors.flatMap((error) => {
    const { additionalProperty } = paramsOf(error)
    if (error.keyword !== 'additionalProperties' || additionalProperty === undefined) return []
    const sent = Object.keys(error.data ?? {})
    const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {})
    const free = known.filter((name) => !sent.includes(name))
    // Any two words of a letter or two resemble each other.
    const edits = Math.min(3, Math.floor(additionalProperty.length / 3))
    const meant = nearest(additionalProperty, free, { budget, edits })
    return meant === undefined ? [] : [{ error, meant }]
  })
}

const CHOICES = new Set(['oneOf', 'anyOf'])

/** Whether an error only follows from a misspelt field, or from a field that another error misses. */
const isConsequence = (
  error: ErrorObject,
  misspelt: readonly Misspelling[],
  errors: readonly ErrorObject[],
): boolean => {
  const isBeside = (other: ErrorObject): boolean =>
    other !== error && other.instancePath === error.instancePath
  const beside = misspelt.filter((each) => isBeside(each.error))
  if (CHOICES.has(error.keyword))
    return (
      beside.length > 0 || errors.some((other) => isBeside(other) && other.keyword === 'dependentRequired')
    )
  const { missingProperty, property } = paramsOf(error)
  return beside.some(({ meant }) => meant === missingProperty || meant === property)
}

/**
 * What is wrong with a value, each cause once: a misspelt field is told with the name that it was meant to
 * be, and not as a missing one besides.
 */
export const fieldErrorsOf = (found: readonly ErrorObject[], prefix: string): FieldError[] => {
  const errors = found.filter((error) => !isOfOneForm(error))
  const misspelt = misspellingsOf(errors)
  return errors
    .filter((error) => !isConsequence(error, misspelt, errors))
    .slice(0, MAX_REPORTED)
    .map((error) => {
      const { meant } = misspelt.find((each) => each.error === error) ?? {}
      const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
      return {
        pointer: `${prefix}${error.instancePath}${named(error)}`,
        code: error.keyword,
        detail: `${detailOf(error)}${hint}`,
      }
    })
}
