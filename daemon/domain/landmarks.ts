/** A revision long before another, by which those in between are passed over. */
export interface Landmark {
  readonly number: number
  readonly id: string
}

/** What the landmarks of the revision after it are made of. */
interface Numbered {
  readonly id: string | null
  readonly revision: { readonly number: number; readonly landmarks?: readonly Landmark[] }
}

/** A number without its lowest bits, one after the other: 13 has 12 and 8. */
const shortened = (number: number): number[] => {
  const fewer = number & (number - 1)
  return fewer === 0 ? [] : [fewer, ...shortened(fewer)]
}

/**
 * The landmarks of the revision that follows: those whose numbers are its own without lowest bits, the newest
 * first (a Fenwick tree's path). Each is the revision before or one of its landmarks, so nothing is read for
 * them; and from any revision every older one is found by reading about two for each bit of the number.
 */
export const landmarksAfter = ({ id, revision: { number, landmarks = [] } }: Numbered): Landmark[] => {
  if (id === null) return []
  const known = [{ number, id }, ...landmarks]
  const wanted = new Set(shortened(number + 1))
  return known.filter((each) => wanted.has(each.number))
}
