import { connect, type Socket } from 'node:net'

export interface WireReply {
  readonly status: number
  readonly body: string
}

const HEAD_END = '\r\n\r\n'

/** The bytes of one request with a JSON body, or none. */
export const requestBytes = (
  host: string,
  request: { method: string; path: string; token?: string; body?: string },
): string => {
  const head = [`${request.method} ${request.path} HTTP/1.1`, `Host: ${host}`]
  if (request.token !== undefined) head.push(`Authorization: Bearer ${request.token}`)
  if (request.body !== undefined)
    head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(request.body)}`)
  return head.join('\r\n') + HEAD_END + (request.body ?? '')
}

/**
 * A whole answer at the beginning of the text, or undefined while some of it is missing. Only ASCII answers
 * with a length are read.
 */
const readReply = (text: string): WireReply | undefined => {
  const headEnd = text.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0)
  const start = headEnd + HEAD_END.length
  if (text.length < start + length) return undefined
  return { status: Number(text.slice(9, 12)), body: text.slice(start, start + length) }
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
