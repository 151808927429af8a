import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Api, createApi } from './api.ts'

/** Serves on a free port of loopback, over real HTTP, what answers requests of `node:http`. */
export const serveListener = async (listener: RequestListener): Promise<{ api: Api; close: () => void }> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
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
