import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Api, createApi } from './api.ts'

/** Answers requests of `node:http`. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** Serves on a free port of loopback, over real HTTP, what answers requests of `node:http`. */
export const serveListener = async (listener: Listener): Promise<{ api: Api; close: () => void }> => {
  const server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const api = createApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return {
    api,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
