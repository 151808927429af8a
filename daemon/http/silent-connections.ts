import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '../domain/address.ts'
import { announcesBody } from './read-body.ts'

const SWEEP_MS = 1000
/** A connection that is about to speak has this long, so that a burst of good ones is never cut. */
const GRACE_MS = 1000

/**
 * Bounds how many connections of one address, or of one IPv6 /64, are silent: have sent no request in full.
 * Beyond the bound the oldest are closed within two seconds, long before their time limits end them, so that
 * one address cannot hold all connections that the daemon takes (H1). Stops with the server.
 */
export const limitSilentConnections = (server: Server, most: number): void => {
  const silent = new Map<string, Map<Socket, number>>()
  const keys = new WeakMap<Socket, string>()
  const speak = (socket: Socket, key: string): void => {
    keys.delete(socket)
    const ofKey = silent.get(key)
    ofKey?.delete(socket)
    if (ofKey?.size === 0) silent.delete(key)
  }

  server.on('connection', (socket: Socket) => {
    const key = networkOf(socket.remoteAddress ?? null)
    keys.set(socket, key)
    silent.set(key, (silent.get(key) ?? new Map<Socket, number>()).set(socket, performance.now()))
    socket.once('close', () => speak(socket, key))
  })
  server.on('request', (request: IncomingMessage) => {
    const { socket } = request
    const key = keys.get(socket)
    if (key === undefined) return
    // One without a body is there in full with its head, and has no end of its own.
    if (request.complete || !announcesBody(request)) speak(socket, key)
    else request.once('end', () => speak(socket, key))
  })
  const sweep = setInterval(() => {
    const now = performance.now()
    for (const ofKey of silent.values()) {
      const surplus = [...ofKey].slice(0, Math.max(0, ofKey.size - most))
      for (const [socket, since] of surplus) if (now - since > GRACE_MS) socket.destroy()
    }
  }, SWEEP_MS)
  sweep.unref()
  server.once('close', () => clearInterval(sweep))
}
