import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Closes the answers that wait behind another of their connection when that is closed. Older versions of Node
 * forget them: they never close, so that the room each of them takes would be taken for ever, and who sends
 * many requests at once and goes away would leave no room to others (K7).
 */
export const closeQueuedAnswers = (server: Server): void => {
  const open = new WeakMap<Socket, Set<ServerResponse>>()
  server.on('connection', (socket: Socket) => {
    const answers = new Set<ServerResponse>()
    open.set(socket, answers)
    socket.once('close', () => {
      for (const answer of answers) answer.destroy()
      // Where Node tells of it itself, it has done so by then.
      setImmediate(() => {
        for (const answer of answers) answer.emit('close')
      })
    })
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    // One that waits behind no other has its connection, and closes with it.
    if (response.socket !== null) return
    const answers = open.get(socket)?.add(response)
    response.once('close', () => answers?.delete(response))
  })
}
