import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { BSON, type Document } from 'mongodb'

/** The length, the ids and the kind of a message of MongoDB's protocol. */
const HEADER_BYTES = 16
const OP_MSG = 2013
/** The header, the flags and the kind of the first section. */
const BODY_AT = HEADER_BYTES + 4 + 1
/** What drivers say to look after their connections. */
const UPKEEP = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'endSessions'])
/** Replies are held back for so long that all who wait for none have been heard. */
const DELAY_MS = 4
const SETTLE_MS = 40

/** What a daemon and its MongoDB say to each other. */
export interface WireTap {
  readonly port: number
  /**
   * The commands of a step, and of what it leaves to be done, as `round command collection`, sorted: a
   * command is of the round after the last
   * one whose reply had come when it was sent. So the highest round is the number of round trips.
   */
  readonly commandsOf: (step: () => Promise<unknown>) => Promise<string[]>
  readonly stop: () => Promise<void>
}

/** Calls back for every whole message of a stream of bytes. */
const onMessage = (socket: Socket, heard: (message: Buffer) => void): void => {
  let rest = Buffer.alloc(0)
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece])
    while (rest.length >= HEADER_BYTES && rest.length >= rest.readInt32LE(0)) {
      heard(rest.subarray(0, rest.readInt32LE(0)))
      rest = rest.subarray(rest.readInt32LE(0))
    }
  })
}

/** The command of a request, and the collection that it names. */
const commandOf = (message: Buffer): { name: string; collection: string; command: Document } | undefined => {
  if (message.readInt32LE(12) !== OP_MSG) return undefined
  const length = message.readInt32LE(BODY_AT)
  const command = BSON.deserialize(message.subarray(BODY_AT, BODY_AT + length))
  const [name = '', collection] = Object.entries(command)[0] ?? []
  return UPKEEP.has(name) ? undefined : { name, collection: String(collection), command }
}

/**
 * Starts a proxy in front of a server on loopback that notes what is asked, and when.
 * @param isBeside what is left out, because nothing waits for it
 */
export const startWireTap = async (
  target: number,
  isBeside: (command: Document, collection: string) => boolean,
): Promise<WireTap> => {
  const sockets = new Set<Socket>()
  let heard: string[] = []
  let answered = 0

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => other.destroy())
    }
    const rounds = new Map<number, number>()
    onMessage(client, (message) => {
      const sent = commandOf(message)
      if (sent !== undefined && !isBeside(sent.command, sent.collection)) {
        rounds.set(message.readInt32LE(4), answered + 1)
        heard.push(`${answered + 1} ${sent.name} ${sent.collection}`)
      }
      upstream.write(message)
    })
    onMessage(upstream, (message) => {
      const round = rounds.get(message.readInt32LE(8))
      const pass = (): void => {
        if (round !== undefined) answered = Math.max(answered, round)
        if (client.writable) client.write(message)
      }
      if (round === undefined) pass()
      else setTimeout(pass, DELAY_MS)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    commandsOf: async (step) => {
      await sleep(SETTLE_MS)
      heard = []
      answered = 0
      await step()
      await sleep(SETTLE_MS)
      return heard.toSorted()
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
