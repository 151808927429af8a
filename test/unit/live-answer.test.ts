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

test.each(['HEAD / HTTP/1.1', 'GET / HTTP/1.1'])(
  'L5: what stands behind an answer is stopped for a reader that takes none: %s, and gone before it begins',
  async (line) => {
    const seen: string[] = []
    const server = createServer((request, response: ServerResponse) => {
      const begin = (): void =>
        sendLive(response, () => {
          seen.push('begun')
          return () => void seen.push('stopped')
        })
      if (request.method === 'HEAD') begin()
      else response.once('close', () => setImmediate(begin))
      seen.push('asked')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => undefined).resume()
    socket.write(`${line}\r\nHost: x\r\n\r\n`)
    await expect.poll(() => seen).toContain('asked')
    if (line.startsWith('GET')) socket.destroy()
    await expect.poll(() => seen.filter((word) => word !== 'asked')).toEqual(['begun', 'stopped'])
    socket.destroy()
    server.close()
  },
)
