import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

/** One answer, as it came. */
export interface WireAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
}

const HEAD_END = Buffer.from('\r\n\r\n')
/** Longer than a caller may ask to be kept waiting. */
const ANSWER_MS = 60_000

const headersOf = (head: string): ReadonlyMap<string, string> =>
  new Map(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  )

/** The chunks from an offset on, or undefined while some are missing. */
const readChunks = (bytes: Buffer, from: number): Buffer | undefined => {
  const chunks: Buffer[] = []
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const start = lineEnd + 2
    if (bytes.length < start + size + 2) return undefined
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(start, start + size))
    at = start + size + 2
  }
}

/** How a body is read that was sent in one of the codings that requests ask for. */
const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
}

/** The text of a body; rejects one in a coding that nobody asks for, or that is not what it says. */
const decoded = (bytes: Buffer, headers: WireAnswer['headers']): string => {
  const coding = headers.get('content-encoding')
  if (coding === undefined) return bytes.toString('utf8')
  const decode = DECODERS[coding]
  if (decode === undefined) throw new Error(`a body in the coding ${coding}`)
  return decode(bytes).toString('utf8')
}

const readAnswer = (bytes: Buffer, isHead: boolean): WireAnswer | undefined => {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const headers = headersOf(head)
  const status = Number(head.slice(9, 12))
  const start = headEnd + HEAD_END.length
  // The answer is what follows an interim one.
  if (status < 200) return readAnswer(bytes.subarray(start), isHead)
  if (isHead || status === 204 || status === 304)
    return { status, headers, text: bytes.toString('utf8', start) }
  // A stream does not end by itself: what it begins with is the answer, and the connection is given up.
  if (headers.get('content-type') === 'text/event-stream') {
    const end = bytes.indexOf('\n\n', start)
    const text = bytes.toString('utf8', start, end)
    return end === -1 ? undefined : { status, headers: new Map([...headers, ['connection', 'close']]), text }
  }
  if (headers.has('transfer-encoding')) {
    const body = readChunks(bytes, start)
    return body === undefined ? undefined : { status, headers, text: decoded(body, headers) }
  }
  const length = Number(headers.get('content-length') ?? 0)
  if (bytes.length < start + length) return undefined
  return { status, headers, text: decoded(bytes.subarray(start, start + length), headers) }
}

/**
 * One kept-alive connection that sends one request at a time, byte for byte. It connects again when the
 * server has closed it.
 */
export class Wire {
  readonly #host: string
  readonly #port: number
  #socket: Socket | undefined

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#host = hostname
    this.#port = Number(port)
  }

  /** Rejects when the connection ends without a whole answer, or none comes in time. */
  async send(bytes: Buffer, isHead: boolean): Promise<WireAnswer> {
    const socket = (this.#socket ??= await this.#open())
    const answer = await this.#exchange(socket, bytes, isHead)
    if (answer.headers.get('connection') === 'close') this.close()
    return answer
  }

  #exchange(socket: Socket, bytes: Buffer, isHead: boolean): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      let received: Buffer = Buffer.alloc(0)
      const settle = (act: () => void): void => {
        socket.off('data', take).off('close', fail)
        clearTimeout(timer)
        act()
      }
      const fail = (): void => {
        this.close()
        settle(() => reject(new Error(`no whole answer: ${received.length} bytes came`)))
      }
      const take = (chunk: Buffer): void => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
        try {
          const read = readAnswer(received, isHead)
          if (read !== undefined) settle(() => resolve(read))
        } catch (error) {
          this.close()
          settle(() => reject(error instanceof Error ? error : new Error(String(error))))
        }
      }
      const timer = setTimeout(fail, ANSWER_MS)
      socket.on('data', take).once('close', fail).write(bytes)
    })
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  async #open(): Promise<Socket> {
    const socket = connect(this.#port, this.#host).setNoDelay(true)
    await once(socket, 'connect')
    // Every error is followed by `close`, and one between two requests only means to connect again.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined
    })
    return socket
  }
}
