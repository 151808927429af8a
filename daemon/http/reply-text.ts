import type { TSchema } from 'typebox'
import { itemsOf, listing } from '../contract/checked-schemas.ts'
import { createBreather } from '../usecases/breather.ts'
import { filterReply } from './validate.ts'

/** Lists that are longer are written item by item, so that others are served between two. */
const LONG_LIST = 64
/** How many characters are encoded at once. */
const PIECE = 65_536

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasLongList = (schema: TSchema, value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > LONG_LIST
    : isMembers(value) && listing(schema).some(([name, declared]) => hasLongList(declared, value[name]))

/** A value without the items of its long lists. */
const emptied = (schema: TSchema, value: unknown): unknown => {
  if (!hasLongList(schema, value)) return value
  if (!isMembers(value)) return []
  const members = listing(schema).map(([name, declared]) => [name, emptied(declared, value[name])] as const)
  return { ...value, ...Object.fromEntries(members.filter(([name]) => Object.hasOwn(value, name))) }
}

/** A text that is made piece by piece, and encoded on the way. */
class Encoder {
  readonly #breathe = createBreather()
  readonly #encoded: Buffer[] = []
  #text = ''

  async add(text: string): Promise<void> {
    this.#text += text
    if (this.#text.length > PIECE) this.#encode()
    await this.#breathe()
  }

  /** All of it. */
  end(): Buffer {
    this.#encode()
    return Buffer.concat(this.#encoded)
  }

  #encode(): void {
    this.#encoded.push(Buffer.from(this.#text))
    this.#text = ''
  }
}

const addList = async (schema: TSchema, items: readonly unknown[], encoder: Encoder): Promise<void> => {
  let separator = '['
  for (const item of items) {
    await encoder.add(separator + JSON.stringify(filterReply(schema, item)))
    separator = ','
  }
  await encoder.add(']')
}

/** Adds the text of a value, of which `short` is what its schema leaves of it without its long lists. */
const addInPieces = async (
  schema: TSchema,
  { value, short }: { value: unknown; short: unknown },
  encoder: Encoder,
): Promise<void> => {
  const items = itemsOf(schema)
  if (!hasLongList(schema, value)) return encoder.add(JSON.stringify(short))
  if (items !== undefined && Array.isArray(value)) return addList(items, value, encoder)
  const declared = new Map(listing(schema))
  let separator = '{'
  for (const [name, each] of Object.entries(short as Members)) {
    if (each === undefined) continue
    await encoder.add(`${separator}${JSON.stringify(name)}:`)
    separator = ','
    const parts = { value: (value as Members)[name], short: each }
    await addInPieces(declared.get(name) ?? schema, parts, encoder)
  }
  return encoder.add('}')
}

/**
 * The JSON of a body as its schema declares it: what the schema does not have is left out, and what does not
 * fit is a defect and throws. Long lists of it are written item by item.
 */
export const replyText = (schema: TSchema, body: unknown): string | Promise<Buffer> => {
  if (!hasLongList(schema, body) || Array.isArray(body)) return JSON.stringify(filterReply(schema, body))
  const short = filterReply(schema, emptied(schema, body))
  const encoder = new Encoder()
  return addInPieces(schema, { value: body, short }, encoder).then(() => encoder.end())
}
