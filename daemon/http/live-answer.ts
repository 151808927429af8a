import type { ServerResponse } from 'node:http'
import type { Reply } from './reply.ts'

/** What may wait in this process for a reader that does not read: beyond it the connection is cut. */
const MOST_WAITING_BYTES = 256 * 1024
/** So often something is sent, that those between do not take the connection for dead. */
const ALIVE_MS = 15_000

const NOBODY = { send: () => undefined, end: () => undefined }

/**
 * Writes a body without an end: what is sent goes out at once. A reader that is too slow loses the
 * connection, so that nothing piles up for it. What stands behind it is always stopped: also for HEAD, and
 * for a reader that left before the answer began.
 */
export const sendLive = (response: ServerResponse, live: NonNullable<Reply['live']>): void => {
  if (response.req.method === 'HEAD' || response.destroyed) {
    response.end()
    live(NOBODY)()
    return
  }
  response.flushHeaders()
  const send = (text: string): void => {
    if (response.writableEnded || response.destroyed) return
    response.write(text)
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy()
  }
  const alive = setInterval(() => send(':\n\n'), ALIVE_MS).unref()
  const stop = live({ send, end: () => void response.end() })
  response.once('close', () => {
    clearInterval(alive)
    stop()
  })
}
