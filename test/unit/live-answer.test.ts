import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { sendLive } from '../../daemon/http/live-answer.ts'

test('L5: a reader that does not read loses its connection, and nothing piles up for it', async () => {
  let isStopped = false
  const server = createServer((_request, response: ServerResponse) => {
    sendLive(response, ({ send }) => {
      const timer = setInterval(() => send('x'.repeat(64 * 1024)), 1)
      return () => {
        clearInterval(timer)
        isStopped = true
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause()
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await expect.poll(() => isStopped).toBe(true)
  socket.destroy()
  server.close()
})
