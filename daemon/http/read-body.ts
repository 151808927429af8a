import { isUtf8 } from 'node:buffer'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream/promises'
import { BODY_FORMS, type BodyForm } from '../contract/authentication.ts'
import { Failure } from '../domain/failure.ts'
import { inPieces } from '../usecases/breather.ts'
import { requireModestShape, shapeInSteps } from './modest-shape.ts'
import { parseInSteps } from './parse-json.ts'

const DEFAULT_MAX_BYTES = 16 * 1024
const DEFAULT_MAX_KEYS = 200
const BYTE_ORDER_MARK = '\uFEFF'

const cutOff = (cause?: unknown): Failure =>
  new Failure('invalid_json', { detail: 'The body was cut off.', cause })

/**
 * Bytes that are not UTF-8 would become other text, so that two different passwords could be the same one; a
 * byte order mark alone would read as no body at all.
 */
const textOf = (bytes: Buffer): string => {
  if (!isUtf8(bytes)) throw new Failure('invalid_json', { detail: 'The body is not well-formed UTF-8.' })
  const text = bytes.toString('utf8')
  if (text === BYTE_ORDER_MARK)
    throw new Failure('invalid_json', { detail: 'The body is a byte order mark and nothing else.' })
  return text
}

/** Resolves when some of a body, or its end, has arrived. Throws `invalid_json` when the caller went away. */
const arrival = async (request: IncomingMessage): Promise<void> => {
  if (request.readableLength > 0 || request.complete) return
  try {
    await once(request, 'readable')
  } catch (error) {
    throw cutOff(error)
  }
}

/** Whether a body was sent. A proxy may announce one in chunks where its caller sent none. */
const hasBody = async (request: IncomingMessage): Promise<boolean> => {
  if (request.headers['transfer-encoding'] === undefined) return true
  await arrival(request)
  return request.readableLength > 0
}

/** Lets what is left of a body pass by: most clients read no answer before they have sent all. */
const passOver = async (request: IncomingMessage): Promise<void> => {
  request.resume()
  await finished(request, { writable: false }).catch(() => undefined)
}

/** The bytes of a body; throws `body_too_large` beyond `maxBytes`, and `invalid_json` where it is cut off. */
const readBytes = (request: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const settle = (act: () => void): void => {
      request.off('data', take).off('end', end).off('error', fail).off('close', fail)
      act()
    }
    const fail = (error?: unknown): void => settle(() => reject(cutOff(error)))
    const end = (): void =>
      settle(() =>
        resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
      )
    const take = (chunk: Buffer): void => {
      length += chunk.length
      if (length > maxBytes) settle(() => reject(new Failure('body_too_large')))
      else chunks.push(chunk)
    }
    request.on('data', take).on('end', end).on('error', fail).on('close', fail)
  })

/** A body that has arrived whole, as most do with their head; throws `body_too_large` beyond `maxBytes`. */
const readArrived = (request: IncomingMessage, maxBytes: number): Buffer => {
  const bytes = (request.read() as Buffer | null) ?? Buffer.alloc(0)
  if (bytes.length > maxBytes) throw new Failure('body_too_large')
  return bytes
}

const readBounded = async (request: IncomingMessage, maxBytes: number): Promise<Buffer> => {
  try {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new Failure('body_too_large')
    return request.complete ? readArrived(request, maxBytes) : await readBytes(request, maxBytes)
  } catch (error) {
    await passOver(request)
    throw error
  }
}

/** A media type, with an empty parameter or a charset of UTF-8 as people spell it. */
const MEDIA_TYPE = /^([a-z0-9/+.-]+)[ \t]*(?:;[ \t]*(?:charset="?utf-?8"?[ \t]*)?)*$/i

/** Whether the body is of one of the types, in UTF-8 and not compressed. */
const isOfType = ({ headers }: IncomingMessage, types: readonly string[]): boolean => {
  if (headers['content-encoding'] !== undefined) return false
  const sent = headers['content-type'] ?? ''
  if (sent === types[0]) return true
  const [, type = ''] = MEDIA_TYPE.exec(sent) ?? []
  return types.includes(type.toLowerCase())
}

/** A body that was read, and its text. */
export interface SentBody {
  readonly value: Record<string, unknown>
  readonly text: string
}

interface BodyBounds {
  readonly types: readonly string[]
  readonly maxBytes: number
  readonly maxKeys: number
}

type ReadBody = (request: IncomingMessage, bounds: BodyBounds) => Promise<SentBody>

/** A body of more characters is read in turns. */
const LONG_TEXT = 65_536

const parseJson = async (sent: string): Promise<unknown> => {
  const text = sent.startsWith(BYTE_ORDER_MARK) ? sent.slice(1) : sent
  try {
    return text.length > LONG_TEXT ? await inPieces(parseInSteps(text)) : JSON.parse(text)
  } catch (error) {
    throw new Failure('invalid_json', { cause: error })
  }
}

const readJson: ReadBody = async (request, { types, maxBytes, maxKeys }) => {
  if (!isOfType(request, [BODY_FORMS.json.contentType, ...types])) throw new Failure('unsupported_media_type')
  const text = textOf(await readBounded(request, maxBytes))
  const body = await parseJson(text)
  if (typeof body !== 'object' || body === null) throw new Failure('invalid_json')
  if (Array.isArray(body)) throw new Failure('invalid_json', { detail: 'The body must be one JSON object.' })
  if (text.length > LONG_TEXT) await inPieces(shapeInSteps(body, maxKeys))
  else requireModestShape(body, maxKeys)
  return { value: body as Record<string, unknown>, text }
}

const noForm = (detail: string): Failure => new Failure('invalid_request', { detail })

/** The text of a name or a value; a plus is a space. Throws `invalid_request` for what is no UTF-8. */
const decodeFormText = (text: string): string => {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw noForm('The body is not percent-encoded UTF-8.')
  }
}

/** The parameters of a form by name: those without a value are none, and each is there once. */
export const parseForm = (text: string, maxKeys = DEFAULT_MAX_KEYS): Record<string, string> => {
  const seen = new Map<string, string>()
  const pairs = text === '' ? [] : text.split('&')
  if (pairs.length > maxKeys) throw noForm(`The body has more than ${maxKeys} parameters.`)
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const key = decodeFormText(at === -1 ? pair : pair.slice(0, at))
    // A name is never repeated in the answer: somebody may have sent a secret in its place.
    if (seen.has(key)) throw noForm('A parameter is there more than once.')
    seen.set(key, at === -1 ? '' : decodeFormText(pair.slice(at + 1)))
  }
  for (const [key, value] of seen) if (value === '') seen.delete(key)
  return Object.fromEntries(seen)
}

const readForm: ReadBody = async (request, { maxBytes, maxKeys }) => {
  const { contentType } = BODY_FORMS.form
  if (!isOfType(request, [contentType])) throw noForm(`The body must be ${contentType}.`)
  const bytes = await readBounded(request, maxBytes)
  if (!isUtf8(bytes)) throw noForm('The body is not well-formed UTF-8.')
  const text = bytes.toString('utf8')
  return { value: parseForm(text, maxKeys), text }
}

/** How a body is read in each form. */
const READERS: Readonly<Record<BodyForm, ReadBody>> = { json: readJson, form: readForm }

/**
 * Reads a body of bounded size, depth and number of keys in the form of its route, of its type or one of
 * `types`; no body at all reads as `{}`.
 */
export const readBody = async (
  request: IncomingMessage,
  {
    form,
    types = [],
    maxBytes = DEFAULT_MAX_BYTES,
    maxKeys = DEFAULT_MAX_KEYS,
  }: {
    form: BodyForm
    types?: readonly string[] | undefined
    maxBytes?: number | undefined
    maxKeys?: number | undefined
  },
): Promise<SentBody> =>
  (await hasBody(request)) ? READERS[form](request, { types, maxBytes, maxKeys }) : { value: {}, text: '' }

/** Whether a body is announced at all; only then is there something to wait for. */
export const announcesBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
