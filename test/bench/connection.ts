import { connect, type Socket } from 'node:net'

export interface WireReply {
  readonly status: number
  readonly body: string
}

const HEAD_END = '\r\n\r\n'

/** The bytes of one request with a body, of JSON unless it is said, or none. */
export const requestBytes = (
  host: string,
  request: { method: string; path: string; token?: string; body?: string; contentType?: string },
): string => {
  const head = [`${request.method} ${request.path} HTTP/1.1`, `Host: ${host}`]
  if (request.token !== undefined) head.push(`Authorization: Bearer ${request.token}`)
  if (request.body !== undefined)
    head.push(
      `Content-Type: ${request.contentType ?? 'application/json'}`,
      `Content-Length: ${Buffer.byteLength(request.body)}`,
    )
  return head.join('\r\n') + HEAD_END + (request.body ?? '')
}

const LAST_CHUNK = '\r\n0\r\n\r\n'

/** The body of a chunked answer, or undefined while some of it is missing. */
const readChunks = (text: string): string | undefined => {
  if (text !== '0\r\n\r\n' && !text.endsWith(LAST_CHUNK)) return undefined
  let body = ''
  for (let at = 0; ;) {
    const lineEnd = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    if (!(size > 0)) return body
    body += text.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
}

/**
 * A whole answer at the beginning of the text, or undefined while some of it is missing. Only ASCII is read.
 */
const readReply = (text: string): WireReply | undefined => {
  const headEnd = text.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const head = text.slice(0, headEnd)
  const start = headEnd + HEAD_END.length
  const status = Number(text.slice(9, 12))
  if (/\r\ntransfer-encoding: chunked/i.test(head)) {
    const body = readChunks(text.slice(start))
    return body === undefined ? undefined : { status, body }
  }
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  if (text.length < start + length) return undefined
  return { status, body: text.slice(start, start + length) }
}

/**
 * One kept-alive connection that sends one request at a time. Cheaper than `node:http`, so that on a machine
 * with few cores the load generator takes little from what it measures. It connects again when the server has
 * closed the connection between two requests.
 */
export class Connection {
  readonly #host: string
  readonly #port: number
  #socket: Socket | undefined
  #buffered = ''
  #settle: { resolve: (reply: WireReply) => void; reject: (error: Error) => void } | undefined

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#host = hostname
    this.#port = Number(port)
  }

  send(bytes: string): Promise<WireReply> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#socket ??= this.#open()
      this.#socket.write(bytes)
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  #open(): Socket {
    const socket = connect(this.#port, this.#host).setNoDelay(true).setEncoding('latin1')
    socket.on('data', (chunk) => this.#take(String(chunk)))
    socket.on('error', (error) => this.#fail(socket, error))
    socket.on('close', () => this.#fail(socket, new Error('the connection was closed')))
    return socket
  }

  #take(chunk: string): void {
    this.#buffered += chunk
    const reply = readReply(this.#buffered)
    if (reply === undefined) return
    if (/\r\nconnection: close/i.test(this.#buffered.slice(0, this.#buffered.indexOf(HEAD_END)))) {
      this.#socket?.end()
      this.#socket = undefined
    }
    this.#buffered = ''
    const settle = this.#settle
    this.#settle = undefined
    settle?.resolve(reply)
  }

  #fail(socket: Socket, error: Error): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#buffered = ''
    const settle = this.#settle
    this.#settle = undefined
    settle?.reject(error)
  }
}
