import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closeQueuedAnswers } from './queued-answers.ts'
import { limitSilentConnections } from './silent-connections.ts'

// An import would read every export of the module, and one of them loads a client that is not used.
const { createServer } = process.getBuiltinModule('node:http')

/** A listening server that can be shut down without losing a request that it has read. */
export interface HttpServer {
  readonly url: string
  /**
   * Stops accepting, closes idle connections, waits for running requests at most `deadlineMs`, then cuts what
   * is left.
   */
  close(deadlineMs: number): Promise<void>
}

/**
 * Longer than the 60 s for which common proxies keep an idle connection, so that it is they who close it and
 * never a request in flight.
 */
const KEEP_ALIVE_MS = 65_000

const createHttpServer = (listener: RequestListener): Server => {
  const server = createServer(
    {
      headersTimeout: 10_000,
      // A request that trickles ends within 15 s, also when a busy daemon is late with the check.
      requestTimeout: 13_000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
      // A request without a body has no life as a stream: an eighth of what a bare server does for it.
      optimizeEmptyRequests: true,
    },
    listener,
  )
  // Expectations that nobody here knows are passed over (RFC 9110 section 10.1.1): every answer is ours.
  server.on('checkExpectation', (...asked) => void server.emit('request', ...asked))
  server.maxRequestsPerSocket = 10_000
  server.maxConnections = 10_000
  return server
}

const closeServer = async (server: Server, deadlineMs: number): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), deadlineMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}

/** Listens; throws when the address is taken. Its time limits end requests that trickle in. */
export const listen = async (
  listener: RequestListener,
  { host, port, silentConnections }: { host: string; port: number; silentConnections: number },
): Promise<HttpServer> => {
  const server = createHttpServer(listener)
  limitSilentConnections(server, silentConnections)
  closeQueuedAnswers(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  const address = server.address() as AddressInfo
  const shownHost = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${shownHost}:${address.port}`,
    close: (deadlineMs) => closeServer(server, deadlineMs),
  }
}
