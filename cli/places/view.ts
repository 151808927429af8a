import type { Place } from '@authctl/sdk'
import { string as stringArg } from '@oclif/core/args'
import type { Named } from '../errors/not-found.ts'
import { recordView, type View } from '../output/print.ts'

/** The argument that names a place. */
export const placeArg = stringArg({
  required: true,
  description: 'The id of the place',
})

/** A place by its id. */
export const namedPlace = (id: string): Named => ({
  what: `place ${id}`,
  hint: 'Those there are: authctl places list',
})

/** One place as it is printed. */
export const placeView = (place: Place): View => {
  const { hash: _, ...row } = place
  return recordView(place, row)
}
