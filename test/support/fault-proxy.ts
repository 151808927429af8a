import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy on loopback that can do to a connection what networks do. */
export interface FaultProxy {
  readonly port: number
  /** Forwards everything, as at the start. */
  readonly pass: () => void
  /** Forwards everything, each piece this many milliseconds late in either direction. */
  readonly delay: (ms: number) => void
  /** Half-open: takes connections and bytes, and forwards nothing in either direction. */
  readonly swallow: () => void
  /** Resets the connections there are and every new one. */
  readonly refuse: () => void
  /** Resets the connections there are, once. */
  readonly reset: () => void
  /**
   * Lets the next request that matches reach the server, waits for the beginning of its reply, which says
   * that the server has done what it was asked, and then resets the connection without passing the reply on.
   * Resolves when that has happened.
   */
  readonly loseNextReply: (matches: (request: Buffer) => boolean) => Promise<void>
  readonly stop: () => Promise<void>
}

type Mode = { readonly kind: 'pass' | 'swallow' | 'refuse' } | { readonly kind: 'delay'; readonly ms: number }

interface Loss {
  readonly matches: (request: Buffer) => boolean
  readonly happened: () => void
}

/** Starts a proxy in front of a port on loopback. */
export const startFaultProxy = async (target: number): Promise<FaultProxy> => {
  const pairs = new Set<readonly [Socket, Socket]>()
  let mode: Mode = { kind: 'pass' }
  let loss: Loss | undefined

  const resetAll = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
  }

  const forward = (from: Socket, to: Socket, intercept: (piece: Buffer) => boolean): void => {
    from.on('data', (piece: Buffer) => {
      const now = mode
      if (now.kind === 'swallow' || intercept(piece)) return
      if (now.kind === 'delay') setTimeout(() => to.writable && to.write(piece), now.ms)
      else if (to.writable) to.write(piece)
    })
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }

  const server = createServer((client) => {
    if (mode.kind === 'refuse') {
      client.resetAndDestroy()
      return
    }
    const upstream = connect(target, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    client.once('close', () => pairs.delete(pair))
    let losing: Loss | undefined
    forward(client, upstream, (request) => {
      if (loss?.matches(request) === true) {
        losing = loss
        loss = undefined
      }
      return false
    })
    forward(upstream, client, () => {
      if (losing === undefined) return false
      losing.happened()
      client.resetAndDestroy()
      upstream.resetAndDestroy()
      return true
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    pass: () => void (mode = { kind: 'pass' }),
    delay: (ms) => void (mode = { kind: 'delay', ms }),
    swallow: () => void (mode = { kind: 'swallow' }),
    refuse: () => {
      mode = { kind: 'refuse' }
      resetAll()
    },
    reset: resetAll,
    loseNextReply: (matches) =>
      new Promise((resolve) => {
        loss = { matches, happened: resolve }
      }),
    stop: async () => {
      resetAll()
      server.close()
      await once(server, 'close')
    },
  }
}
