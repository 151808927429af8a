import type { UsernameKey } from './account.ts'
import list from './lists/confusables.json' with { type: 'json' }

let prototypes: ReadonlyMap<string, string> | undefined

const load = (): ReadonlyMap<string, string> =>
  new Map(
    list.prototypes.split('\n').map((line) => {
      const [character = ''] = line
      return [character, line.slice(character.length)]
    }),
  )

/** A dot on what has one, and the line that makes Arabic words longer: nobody sees them (UTS 39, 5.4). */
const UNSEEN = /(?<=\p{Soft_Dotted}\p{M}*)\u0307|\u0640/gu

/** The skeleton of a text (UTS 39 section 4), without case. */
export const skeletonOf = (text: string): string => {
  const known = (prototypes ??= load())
  const plain = [...text.normalize('NFD').replace(UNSEEN, '')]
    .map((character) => known.get(character) ?? character)
    .join('')
  return plain.normalize('NFD').toLowerCase().normalize('NFC')
}

/**
 * What a username looks like: the skeleton of its key and, because an `I` looks like an `l` and an `i` does
 * not, of its spelling. Names that share one look alike, in one script or in two. Sorted, so that rivals
 * take them in one order.
 */
export const usernameSkeletons = (username: string, key: UsernameKey): string[] => [
  ...new Set([skeletonOf(key), skeletonOf(username.normalize('NFKC'))].sort()),
]
