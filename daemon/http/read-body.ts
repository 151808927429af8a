import { isUtf8 } from 'node:buffer'
import { once } from 'node:events'
import { json, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import type { BodyForm } from '../contract/authentication.ts'
import { Failure } from '../domain/failure.ts'
import { requireModestShape } from './validate.ts'

const DEFAULT_MAX_BYTES = 16 * 1024
const DEFAULT_MAX_KEYS = 200
const BYTE_ORDER_MARK = '\uFEFF'

const readers = new Map<number, RequestHandler>()
/** Bodies as they were sent, while their requests live. */
const texts = new WeakMap<object, string>()

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

const readerFor = (maxBytes: number): RequestHandler => {
  const known = readers.get(maxBytes)
  if (known !== undefined) return known
  const reader = json({
    limit: maxBytes,
    inflate: false,
    strict: true,
    type: 'application/json',
    verify: (request, _response, bytes) => void texts.set(request, textOf(bytes)),
  })
  readers.set(maxBytes, reader)
  return reader
}

/** Resolves when some of a body, or its end, has arrived. Throws `invalid_json` when the caller went away. */
const arrival = async (request: Request): Promise<void> => {
  if (request.readableLength > 0 || request.complete) return
  try {
    await once(request, 'readable')
  } catch {
    throw new Failure('invalid_json', { detail: 'The body was cut off.' })
  }
}

/** Whether a body was sent. A proxy may announce one in chunks where its caller sent none. */
const hasBody = async (request: Request): Promise<boolean> => {
  if (request.headers['transfer-encoding'] === undefined)
    return Number(request.headers['content-length'] ?? 0) > 0
  await arrival(request)
  return request.readableLength > 0
}

/** A media type, with an empty parameter or a charset of UTF-8 as people spell it. */
const MEDIA_TYPE = /^([a-z0-9/+.-]+)[ \t]*(?:;[ \t]*(?:charset="?utf-?8"?[ \t]*)?)*$/i

const requireJson = (request: Request, types: readonly string[]): void => {
  if (request.headers['content-encoding'] !== undefined) throw new Failure('unsupported_media_type')
  const [, type = ''] = MEDIA_TYPE.exec(request.headers['content-type'] ?? '') ?? []
  if (!['application/json', ...types].includes(type.toLowerCase()))
    throw new Failure('unsupported_media_type')
  // The reader knows one spelling.
  request.headers['content-type'] = 'application/json'
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

type ReadBody = (request: Request, response: Response, bounds: BodyBounds) => Promise<SentBody>

const readJson: ReadBody = async (request, response, { types, maxBytes, maxKeys }) => {
  requireJson(request, types)
  await new Promise<void>((resolve, reject) => {
    const done: NextFunction = (error?: unknown) => (error === undefined ? resolve() : reject(error))
    void readerFor(maxBytes)(request, response, done)
  })
  const body = request.body as unknown
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Failure('invalid_json', { detail: 'The body must be one JSON object.' })
  requireModestShape(body, maxKeys)
  return { value: body as Record<string, unknown>, text: texts.get(request) ?? '' }
}

/** How a body is read in each form. */
const READERS: Readonly<Record<BodyForm, ReadBody>> = { json: readJson }

/**
 * Reads a body of bounded size, depth and number of keys in the form of its route, of its type or one of
 * `types`; no body at all reads as `{}`.
 */
export const readBody = async (
  request: Request,
  response: Response,
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
  (await hasBody(request))
    ? READERS[form](request, response, { types, maxBytes, maxKeys })
    : { value: {}, text: '' }
