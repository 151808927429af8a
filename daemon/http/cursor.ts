import { Failure } from '../domain/failure.ts'

/** An opaque keyset cursor: the sort key of the last item. It holds nothing the caller has not seen. */
export const encodeCursor = (position: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url')

type Position<T extends readonly ('string' | 'number')[]> = {
  -readonly [I in keyof T]: T[I] extends 'string' ? string : number
}

const isPosition = <const T extends readonly ('string' | 'number')[]>(
  parts: unknown,
  types: T,
): parts is Position<T> =>
  Array.isArray(parts) && parts.length === types.length && parts.every((part, i) => typeof part === types[i])

/** The position of a cursor with the given types of parts; undefined for any other text. */
export const readCursor = <const T extends readonly ('string' | 'number')[]>(
  cursor: string,
  types: T,
): Position<T> | undefined => {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return isPosition(parts, types) ? parts : undefined
  } catch {
    return undefined
  }
}

/** The position of a cursor with the given types of parts; throws `invalid_request` for any other text. */
export const decodeCursor = <const T extends readonly ('string' | 'number')[]>(
  cursor: string | undefined,
  ...types: T
): Position<T> | undefined => {
  if (cursor === undefined) return undefined
  const position = readCursor(cursor, types)
  if (position !== undefined) return position
  throw new Failure('invalid_request', {
    errors: [
      { pointer: '/query/cursor', code: 'cursor', detail: 'Use the `next_cursor` of the previous page.' },
    ],
  })
}
