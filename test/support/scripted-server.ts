import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** One request that a scripted server has seen. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Reaction = (request: SeenRequest, response: ServerResponse) => void

/** A real HTTP server on loopback that does what a test tells it, and keeps what it was asked. */
export interface ScriptedServer {
  readonly url: string
  readonly seen: SeenRequest[]
  react: Reaction
  readonly stop: () => Promise<void>
}

/** By this answer at `/` a daemon is known: what else it answers may then lack members. */
export const INFO = { name: 'authctl', version: '0.1.0' }

/** Answers with a JSON body. */
export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, {
    'content-type': status < 400 ? 'application/json' : 'application/problem+json',
    'x-request-id': 'req-1',
    ...headers,
  })
  response.end(JSON.stringify(body))
}

export const startScriptedServer = async (): Promise<ScriptedServer> => {
  const http = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
      }
      server.seen.push(request)
      server.react(request, response)
    })
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server: ScriptedServer = {
    url: `http://127.0.0.1:${(http.address() as { port: number }).port}`,
    seen: [],
    react: (_request, response) => sendJson(response, 500, {}),
    stop: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return server
}
