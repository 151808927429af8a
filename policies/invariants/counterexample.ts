import { decide, type Context, type OwnedLayer, type PrincipalFacts } from '../engine/decide.ts'
import { createLayer } from '../engine/layer.ts'
import type { InvariantKind, Verdict } from '../language.ts'
import { placedIn } from '../plan/placed.ts'
import { createQuestions } from '../plan/questions.ts'
import type { Steps } from '../steps.ts'
import { areTooMany, type Requests } from './requests.ts'

/** An account that can be asked, with its layers and those of all above it, its own first. */
export interface AskedAccount {
  readonly id: string
  readonly principal: PrincipalFacts
  /** `caller.*` and `request.time` of its requests. */
  readonly context: Context
  readonly layers: readonly OwnedLayer[]
}

/** A request that is decided against an invariant. It reproduces by `access check`. */
export interface Counterexample {
  /** The id of the account that asks. */
  readonly principal: string
  readonly action: string
  readonly resource: string
  /** What the application says with it; without what the server knows itself. */
  readonly context: Context
  readonly verdict: Verdict
}

/** How many questions are asked in search of one, for one account and one invariant. */
const MAX_QUESTIONS = 4000

/** The same as {@link findCounterexample}, question by question: it can be interrupted at each. */
export function* seekCounterexample(
  kind: InvariantKind,
  requests: Requests,
  { id, principal, context, layers }: AskedAccount,
): Steps<Counterexample | undefined> {
  const { catalogue, actions, policy } = requests
  if (areTooMany(requests)) return undefined
  const about: OwnedLayer = { kind: 'boundary', principal, layer: createLayer([policy]) }
  const all = [...layers, about]
  // What is never granted matters where the account may do it.
  const side = { layers: kind === 'alwaysGrants' ? [about] : all, placed: placedIn(all), catalogue }
  const questions = createQuestions(context)
  let left = MAX_QUESTIONS
  for (const { name } of actions)
    for (const request of questions([side], name)) {
      yield
      if (request === undefined) continue
      if (left-- === 0) return undefined
      if (decide([about], request).verdict !== 'ALLOW') continue
      const { verdict } = decide(layers, request)
      if ((verdict === 'ALLOW') === (kind === 'alwaysGrants')) continue
      const { action, resource, said } = request
      return { principal: id, action, resource, context: said, verdict }
    }
  return undefined
}

/** A request that breaks a rule for an account, if questions that tell its statements apart find one. */
export const findCounterexample = (
  ...asked: Parameters<typeof seekCounterexample>
): Counterexample | undefined => {
  const steps = seekCounterexample(...asked)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
