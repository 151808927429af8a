import type { ClientRequest } from 'node:http'
import type { TLSSocket } from 'node:tls'

/**
 * Watches whether a request came to have a connection. Until then nothing was written, and the message was
 * surely not taken; from then on it may have been. The request must have a connection of its own: one that is
 * kept alive and reused may have been closed at the other end without our knowing.
 */
export const watchConnection = (request: ClientRequest): (() => boolean) => {
  let connected = false
  request.once('socket', (socket) => {
    const event = (socket as Partial<TLSSocket>).encrypted === true ? 'secureConnect' : 'connect'
    if (socket.connecting) socket.once(event, () => (connected = true))
    else connected = true
  })
  return () => connected
}
