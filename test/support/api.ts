import { Agent, request } from 'node:http'

/** One answer, with its body parsed if it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly body: Record<string, never> & { [field: string]: never }
}

export interface CallOptions {
  readonly token?: string
  readonly body?: unknown
  /** A body sent as it is. */
  readonly raw?: string | Buffer
  readonly headers?: Record<string, string | string[]>
}

export interface Api {
  readonly url: string
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  get(path: string, token?: string): Promise<Answer>
  post(path: string, body?: unknown, token?: string): Promise<Answer>
  del(path: string, token?: string): Promise<Answer>
}

/** The type of a form. */
export const FORM = 'application/x-www-form-urlencoded'

const parse = (text: string): Answer['body'] => {
  try {
    return JSON.parse(text) as Answer['body']
  } catch {
    return {}
  }
}

/**
 * Idle connections are given up long before the daemon closes them. Without a time limit of its own Node's
 * agent passes over the `Keep-Alive` header, and a busy client may then write into a connection that has just
 * been closed: "socket hang up".
 */
const IDLE_MS = 30_000

/** A client without opinions: it sends what it is told, byte for byte, over kept-alive connections. */
export const createApi = (url: string): Api => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: IDLE_MS })

  const call: Api['call'] = (method, path, { token, body, raw, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const outgoing = request(new URL(url), {
        method,
        path,
        agent,
        headers: {
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      })
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: parse(text) })
        })
      })
      outgoing.on('error', reject)
      outgoing.end(payload)
    })

  return {
    url,
    call,
    get: (path, token) => call('GET', path, token === undefined ? {} : { token }),
    post: (path, body = {}, token) => call('POST', path, { body, ...(token === undefined ? {} : { token }) }),
    del: (path, token) => call('DELETE', path, token === undefined ? {} : { token }),
  }
}

/** Posts a form (RFC 6749 appendix B); a text is sent as it is. */
export const postForm = (
  { call }: Pick<Api, 'call'>,
  path: string,
  fields: Readonly<Record<string, string>> | string,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  call('POST', path, {
    raw: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    headers: { 'content-type': FORM, ...headers },
  })

/** The status and the code of an answer, such as `403 forbidden`; of one without a code, `200 undefined`. */
export const refusal = ({ status, body }: Answer): string => `${status} ${String(body['code'])}`

/** The status and the registered error of an answer of OAuth, such as `400 invalid_request`. */
export const oauthRefusal = ({ status, body }: Answer): string => `${status} ${String(body['error'])}`
