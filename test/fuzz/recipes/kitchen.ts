import type { Actor } from '../actors.ts'
import type { Chance } from '../chance.ts'
import type { Knowledge } from '../knowledge.ts'
import type { WireAnswer } from '../wire.ts'

/** A request that should succeed, as things stand. */
export interface Recipe {
  readonly actor: Actor
  readonly target: string
  readonly body?: unknown
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** It is never changed into one that is nearly it. */
  readonly isFixed?: true
  /** What is known by its success. */
  readonly onSuccess?: (answer: WireAnswer) => void
}

/** What a recipe may use. */
export interface Kitchen {
  readonly known: Knowledge
  readonly chance: Chance
  /** The newest code that was sent to a number. */
  readonly codeOf: (number: string) => string | undefined
  /** Another number at each call. */
  readonly count: () => number
}

/** Makes a request that should succeed; undefined while too little is known for it. */
export type Make = (kitchen: Kitchen) => Recipe | undefined

const OWNERS = ['root', 'admin', 'client'] as const

/** Somebody who has a namespace of policies. */
export const ownerOf = ({ chance }: Kitchen): (typeof OWNERS)[number] => chance.pick(OWNERS)

/** The id of some account below the super-admin. */
export const idBelow = ({ known, chance }: Kitchen): string | undefined =>
  known.ids.some(chance.pick(['adm', 'cli', 'sub', 'usr']))

/** A request about what an actor has seen, under the tag that it had. */
export const matching = ({ known }: Kitchen, { actor, target, ...others }: Recipe): Recipe => {
  const tag = known.tagOf(actor, target)
  return { actor, target, ...others, ...(tag === undefined ? {} : { headers: [['If-Match', tag]] }) }
}
