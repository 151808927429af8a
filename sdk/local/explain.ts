import type { Decider } from './decider.ts'
import { explain as explainLayers } from './engine.ts'
import { holdings } from './holdings.ts'
import type { Asked, LocalExplanation } from './types.ts'

/**
 * A decision of the decider with its reasons, by what is at hand. What nearly allowed is told of the layers
 * from the owner of the application on, and not of those above. A function of its own, so that applications
 * that do not explain do not bundle it.
 */
export const explain = (decider: Decider, ...asked: Asked): LocalExplanation => {
  const decision = decider.decide(...asked)
  const [principal, action, resource, context = {}] = asked
  const question = { principal, action, resource, context }
  const holding = holdings.get(decider)?.(principal)
  if (holding === undefined || !('state' in holding)) return { ...decision, explanation: null }
  const { state, lineage } = holding
  const trial = state.trial(lineage, question, Date.now())
  if (trial === undefined) return { ...decision, explanation: null }
  const { above } = state.content
  const explanation = explainLayers(
    trial.layers,
    trial.request,
    ({ principal: owner }) => !above.has(String(owner['principal.id'])),
  )
  return { ...decision, explanation: explanation as LocalExplanation['explanation'] }
}
