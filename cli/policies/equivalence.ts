import { proveNoNewAccess, type AccessState, type NewAccess } from '../../policies/plan/index.ts'
import { statesOf } from './plan/against.ts'
import { contextWords } from './plan/words.ts'

/** What can be said of two sets. */
export interface Equivalence {
  readonly verdict: 'EQUIVALENT' | 'DIFFERENT' | 'UNKNOWN'
  /** For a difference: who may do what in the one only; otherwise why nothing can be said. */
  readonly because: string | null
}

const onlyIn = (one: AccessState, other: AccessState): string | undefined =>
  one.documents.find(({ Id }) => !other.documents.some((each) => each.Id === Id))?.Id

const gainOf = (proved: Extract<NewAccess, { verdict: 'FAIL' }>, where: string): string => {
  const { action, resource, witness } = proved.gained
  const said = contextWords(witness.context)
  return `only by ${where} may ${proved.who} do ${action} on ${resource}, such as ${witness.resource}${said === '' ? '' : ` with ${said}`}`
}

/** A folder of policies beside another, or beside itself at a commit. */
export interface Compared {
  readonly folder: string
  readonly against: string
}

/**
 * Whether both sets give everybody the same. EQUIVALENT is a proof over all accounts and requests, whatever
 * else they have; DIFFERENT has a request that shows it; UNKNOWN is what is neither.
 */
export const compareSets = async ({ folder, against }: Compared): Promise<Equivalence> => {
  const { before, after } = await statesOf(folder, against)
  const both = [
    { proved: proveNoNewAccess(before, after), where: folder },
    { proved: proveNoNewAccess(after, before), where: against },
  ]
  for (const { proved, where } of both)
    if (proved.verdict === 'FAIL') return { verdict: 'DIFFERENT', because: gainOf(proved, where) }
  for (const { proved } of both)
    if (proved.verdict === 'UNKNOWN')
      return { verdict: 'UNKNOWN', because: `${proved.who}: ${proved.reason}` }
  const alone = onlyIn(before, after) ?? onlyIn(after, before)
  if (alone !== undefined)
    return { verdict: 'UNKNOWN', because: `only one has ${alone}: somebody may have it attached by hand` }
  return { verdict: 'EQUIVALENT', because: null }
}
