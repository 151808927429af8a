import { finished } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import type { TSchema } from 'typebox'
import type { Route } from '../contract/route.ts'
import { answerHeaders, type Exchange } from './exchange.ts'
import { gzipOf, isWorthCompressing, takesGzip } from './compress.ts'
import { sendLive } from './live-answer.ts'
import type { Reply } from './reply.ts'
import { replyText } from './reply-text.ts'

/** What an answer of one status is sent with, prepared once for each route. */
interface Form {
  readonly contentType: string
  readonly schema: TSchema | undefined
}

/** Types of JSON that are registered as text of UTF-8 say so. */
const withCharset = (type: string): string => (type === 'application/json' ? `${type}; charset=utf-8` : type)

const UNDECLARED: Form = { contentType: withCharset('application/json'), schema: undefined }

/** The forms of a route's answers by their status. */
export const formsOf = (route: Route): ReadonlyMap<number, Form> =>
  new Map(
    Object.entries(route.responses).map(([status, { contentType = 'application/json', schema }]) => [
      Number(status),
      { contentType: withCharset(contentType), schema },
    ]),
  )

/** Ends an answer with a text. */
export const sendText = (
  response: ServerResponse,
  status: number,
  headers: string[],
  text: string | Buffer,
): void => {
  headers.push('Content-Length', String(Buffer.byteLength(text)))
  response.writeHead(status, headers)
  response.end(text)
}

/** Writes a body item by item; for HEAD nothing is read at all. */
const sendStream = async (stream: AsyncIterable<string>, response: ServerResponse): Promise<void> => {
  if (response.req.method === 'HEAD') {
    response.end()
    return
  }
  const source = Readable.from(stream)
  source.on('error', () => response.destroy())
  source.pipe(response)
  await finished(response).catch(() => source.destroy())
}

/** Ends an answer with a text that is in its wire form, compressed for those who take that. */
const sendWire = async (
  { request, response }: Exchange,
  { status, headers, wire }: { status: number; headers: string[]; wire: string },
): Promise<void> => {
  headers.push('Vary', 'Accept-Encoding')
  if (!isWorthCompressing(wire) || !takesGzip(request)) {
    sendText(response, status, headers, wire)
    return
  }
  const bytes = await gzipOf(wire)
  headers.push('Content-Encoding', 'gzip')
  sendText(response, status, headers, bytes)
}

const hasCacheControl = (headers: Reply['headers']): boolean =>
  headers !== undefined && Object.hasOwn(headers, 'Cache-Control')

/** Sends what a handler answers, in the form that its route declares, with one head. */
export const sendReply = async (
  exchange: Exchange,
  forms: ReadonlyMap<number, Form>,
  reply: Reply,
): Promise<void> => {
  const { response } = exchange
  const { contentType, schema } = forms.get(reply.status) ?? UNDECLARED
  const made = schema && 'body' in reply ? replyText(schema, reply.body) : undefined
  const text = typeof made === 'object' ? await made : made
  const headers = answerHeaders(exchange)
  if (reply.headers !== undefined)
    for (const [name, value] of Object.entries(reply.headers)) headers.push(name, value)
  if (!hasCacheControl(reply.headers)) headers.push('Cache-Control', 'no-store')
  headers.push('Content-Type', contentType)
  if (reply.wire !== undefined) {
    await sendWire(exchange, { status: reply.status, headers, wire: reply.wire })
    return
  }
  if (text !== undefined) {
    sendText(response, reply.status, headers, text)
    return
  }
  response.writeHead(reply.status, headers)
  if (reply.live !== undefined) sendLive(response, reply.live)
  else if (reply.stream === undefined) response.end()
  else await sendStream(reply.stream, response)
}
