import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { closeQueuedAnswers } from '../../daemon/http/queued-answers.ts'

/** A server that tells nobody of its queued answers, as Node did. */
const forgetful = () => {
  const server = new EventEmitter()
  closeQueuedAnswers(server as Server)
  const closed: string[] = []
  const socket = new EventEmitter()
  server.emit('connection', socket)
  const ask = (name: string) => {
    const answer = Object.assign(new EventEmitter(), {
      destroyed: false,
      // Node gives the connection to the one whose turn it is.
      socket: name === 'queued' ? null : socket,
      destroy: () => {
        answer.destroyed = true
      },
    })
    server.emit('request', { socket }, answer)
    answer.on('close', () => closed.push(name))
    return answer
  }
  return { ask, socket, closed }
}

test('K7: an answer that waits behind another closes with its connection, and none closes twice', async () => {
  const { ask, socket, closed } = forgetful()
  const [answered, running, queued] = [ask('answered'), ask('running'), ask('queued')]
  answered.emit('close')
  socket.emit('close')
  running.emit('close')
  expect([answered.destroyed, queued.destroyed]).toEqual([false, true])
  expect(closed).toEqual(['answered', 'running'])
  await turn()
  await turn()
  expect(closed).toEqual(['answered', 'running', 'queued'])
})
