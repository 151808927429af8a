import {
  ASKED_KEY,
  BOUNDS,
  isNamed,
  isOfAccount,
  RESOURCE_SEGMENT,
  RESOURCE_TYPE,
  SERVICE_NAME,
  VERB,
  type Context,
  type ContextValue,
} from '../../../policies/index.ts'
import { APPLICATION_ROLE } from '../../domain/access-token.ts'
import { roleOfId } from '../../domain/account.ts'
import { namesApplication } from '../../domain/application.ts'
import { Failure } from '../../domain/failure.ts'
import type { Answer } from './answer.ts'
import type { createAccess } from './ask.ts'
import type { Asking } from './subject.ts'

type Properties = Readonly<Record<string, unknown>>

/** A subject of AuthZEN: an account by its id, and `account` or its role as the type; or an application. */
export interface Subject {
  readonly type: string
  readonly id: string
}

/** What the parts of a question in the words of AuthZEN are. */
export interface Evaluation {
  readonly subject: Subject
  readonly action: { readonly name: string; readonly properties?: Properties | undefined }
  readonly resource: {
    readonly type: string
    readonly id: string
    readonly properties?: Properties | undefined
  }
  readonly context?: Properties | undefined
}

/** A decision of AuthZEN, with what the asker may know of it. */
export interface Evaluated {
  readonly decision: boolean
  readonly context?: {
    readonly decision_id?: string
    readonly reason?: string
    readonly error?: { readonly status: number; readonly message: string }
  }
}

const invalid = (pointer: string, detail: string): never => {
  throw new Failure('invalid_request', { errors: [{ pointer, code: 'value', detail }] })
}

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value)

const isScalars = (value: unknown): value is (string | number | boolean)[] =>
  Array.isArray(value) && value.every(isScalar)

const isObject = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isKey = isNamed(ASKED_KEY)

/**
 * Properties, and those of objects among them, as context keys with dots; items of lists are texts. What no
 * policy can name is passed over, and so is null: it is no value. Throws `invalid_request` for what only the
 * server says.
 */
const flatten = (
  properties: Properties,
  { prefix, pointer }: { prefix: string; pointer: string },
): [string, ContextValue][] =>
  Object.entries(properties).flatMap(([name, value]): [string, ContextValue][] => {
    const [key, at] = [prefix + name, `${pointer}/${name}`]
    if (isObject(value)) return flatten(value, { prefix: `${key}.`, pointer: at })
    if (isOfAccount(key)) invalid(at, 'The server says this, not the asker.')
    if (value === null || !isKey(key)) return []
    // What is no value of a context is found to be none where the key means something.
    return [[key, isScalars(value) ? value.map(String) : (value as ContextValue)]]
  })

const isAction = isNamed(`${SERVICE_NAME}:${VERB}`)
const isResource = isNamed(`${RESOURCE_TYPE}(?:/${RESOURCE_SEGMENT})+`)

/** A resource as policies name it, `type/path`; undefined for one that none can name. */
export const resourceOf = ({ type, id }: Evaluation['resource']): string | undefined => {
  const resource = `${type}/${id}`
  return resource.length <= BOUNDS.resourceLength && isResource(resource) ? resource : undefined
}

/** What the parts of an evaluation say of the circumstances, by context keys. */
export const contextOf = ({
  resource,
  context = {},
}: {
  readonly resource: { readonly properties?: Properties | undefined }
  readonly context?: Properties | undefined
}): Context =>
  Object.fromEntries([
    ...flatten(resource.properties ?? {}, { prefix: 'resource.', pointer: '/resource/properties' }),
    ...flatten(context, { prefix: '', pointer: '/context' }),
  ])

/** What the properties of an action say: keys of its service, as far as that declares them. */
export const ofActionOf = ({ name, properties = {} }: Evaluation['action']): Context => {
  const [service = ''] = name.split(':')
  if (!isAction(name) || isOfAccount(`${service}.`)) return {}
  return Object.fromEntries(flatten(properties, { prefix: `${service}.`, pointer: '/action/properties' }))
}

/** Whether the type of a subject can be that of its account, or of its application. */
export const isTypeOf = ({ type, id }: Subject): boolean =>
  namesApplication(id) ? type === APPLICATION_ROLE : type === 'account' || type === roleOfId(id)

const refused = (reason: string): Evaluated => ({ decision: false, context: { reason } })

const evaluatedOf = ({ allowed, reason, decisionId }: Answer & { decisionId: string | null }): Evaluated => {
  if (allowed) return { decision: true }
  const context = {
    ...(decisionId === null ? {} : { decision_id: decisionId }),
    ...(reason === null ? {} : { reason }),
  }
  return { decision: false, context }
}

/** When the rest of many evaluations is not looked at. */
export type Semantic = 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit'

const LAST: Readonly<Record<Semantic, (each: Evaluated) => boolean>> = {
  execute_all: () => false,
  deny_on_first_deny: ({ decision }) => !decision,
  permit_on_first_permit: ({ decision }) => decision,
}

/** How many are decided at once: their accounts are read together. */
const TOGETHER = 50

const errorOf = (error: unknown): Evaluated => {
  if (!(error instanceof Failure)) throw error
  const [first] = error.errors ?? []
  const message = [first?.pointer, first?.detail ?? error.detail ?? error.code].filter(Boolean).join(': ')
  return { decision: false, context: { error: { status: error.code === 'forbidden' ? 403 : 400, message } } }
}

/** Evaluations in the words of AuthZEN 1.0: the decisions of `check`. */
export const createEvaluations = ({ check }: Pick<ReturnType<typeof createAccess>, 'check'>) => {
  /** Decides one. Throws `forbidden`, `invalid_request`. */
  const evaluate = async (asking: Asking, evaluation: Evaluation): Promise<Evaluated> => {
    const { subject, action, resource: asked } = evaluation
    const question = { action: action.name, resource: resourceOf(asked), context: contextOf(evaluation) }
    if (!isAction(question.action)) return refused('unknown_action')
    if (!isTypeOf(subject)) return refused('unknown_subject')
    const { resource } = question
    if (resource === undefined) return refused('unknown_resource')
    try {
      const answered = await check({
        ...asking,
        subject: subject.id,
        question: { ...question, resource, ofAction: ofActionOf(action) },
        isExplained: false,
        passesOverForeign: true,
      })
      return evaluatedOf(answered)
    } catch (error) {
      if (error instanceof Failure && error.code === 'not_found') return refused('unknown_subject')
      throw error
    }
  }

  const evaluateOrSay = async (asking: Asking, each: Evaluation | Failure): Promise<Evaluated> => {
    if (each instanceof Failure) return errorOf(each)
    return evaluate(asking, each).catch(errorOf)
  }

  /**
   * Decides many in their order, up to the last that is looked at. One that cannot be decided, or is none, is
   * a denial that says why.
   */
  const evaluateMany = async (
    asking: Asking,
    evaluations: readonly (Evaluation | Failure)[],
    semantic: Semantic,
  ): Promise<Evaluated[]> => {
    const decided: Evaluated[] = []
    const step = semantic === 'execute_all' ? TOGETHER : 1
    for (let at = 0; at < evaluations.length; at += step) {
      const some = evaluations.slice(at, at + step)
      decided.push(...(await Promise.all(some.map((each) => evaluateOrSay(asking, each)))))
      const last = decided.at(-1)
      if (last !== undefined && LAST[semantic](last)) break
    }
    return decided
  }

  return { evaluate, evaluateMany }
}
