import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

/** Half of them trickle headers, half a body. */
const SLOW_SOCKETS = Number(process.env['SLOW_SOCKETS'] ?? 400)

let daemon: TestDaemon
afterEach(() => daemon.stop())

/** How long each of many connections stayed open, in ms; those that are open still are undefined. */
const openSockets = async (count: number, greeting: string, from = '127.0.0.1') => {
  const { hostname, port } = new URL(daemon.url)
  const closedAfter: (number | undefined)[] = Array.from({ length: count }, () => undefined)
  const sockets = await Promise.all(
    closedAfter.map(
      (_none, index) =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect({ host: hostname, port: Number(port), localAddress: from })
          const since = performance.now()
          socket.on('error', () => undefined)
          socket.once('error', reject)
          socket.once('close', () => (closedAfter[index] = performance.now() - since))
          socket.once('connect', () => {
            socket.write(greeting)
            resolve(socket)
          })
          socket.resume()
        }),
    ),
  )
  return { sockets, closedAfter, stillOpen: () => closedAfter.filter((ms) => ms === undefined).length }
}

describe('H1: silence', () => {
  test.each([
    ['says nothing', ''],
    ['has sent half of its headers', 'POST /auth/otp/send HTTP/1.1\r\nHost: x\r\n'],
    [
      'has sent half of a body',
      'POST /auth/otp/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('connections of one address beyond the bound are closed soon: what %s', async (_name, greeting) => {
    daemon = await startTestDaemon({ AUTHCTL_SILENT_CONNECTIONS: '20' })
    const flood = await openSockets(60, greeting)
    const other = await openSockets(5, greeting, '127.0.0.2')
    await expect.poll(flood.stillOpen, { timeout: 8000 }).toBeLessThanOrEqual(20)
    expect(flood.stillOpen()).toBe(20)
    expect(other.stillOpen()).toBe(5)
    for (const socket of [...flood.sockets, ...other.sockets]) socket.destroy()
  })

  test('connections that have sent a request do not count, however many there are', async () => {
    daemon = await startTestDaemon({ AUTHCTL_SILENT_CONNECTIONS: '5' })
    const spoken = await openSockets(40, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await sleep(3000)
    expect(spoken.stillOpen()).toBe(40)
    for (const socket of spoken.sockets) socket.destroy()
  })

  test('headers and bodies that trickle are cut within 15 seconds, and others are served meanwhile', async () => {
    daemon = await startTestDaemon({ AUTHCTL_SILENT_CONNECTIONS: '10000' })
    const rss = process.memoryUsage.rss()
    const headers = await openSockets(SLOW_SOCKETS / 2, 'POST /auth/otp/send HTTP/1.1\r\nHost: x\r\n')
    const bodies = await openSockets(
      SLOW_SOCKETS / 2,
      'POST /auth/otp/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{',
    )
    const trickle = setInterval(() => {
      for (const socket of headers.sockets) socket.write('X-A: b\r\n')
      for (const socket of bodies.sockets) socket.write(' ')
    }, 1000)
    const waits: number[] = []
    const until = performance.now() + 30_000
    while (performance.now() < until && headers.stillOpen() + bodies.stillOpen() > 0) {
      const since = performance.now()
      expect((await daemon.api.get('/healthz')).status).toBe(200)
      waits.push(performance.now() - since)
      await sleep(50)
    }
    clearInterval(trickle)
    expect([headers.stillOpen(), bodies.stillOpen()]).toEqual([0, 0])
    const longest = Math.max(...[...headers.closedAfter, ...bodies.closedAfter].map(Number))
    // The end is seen as late as this process comes to look.
    expect(longest).toBeLessThanOrEqual(15_000 + Math.max(...waits))
    waits.sort((a, b) => a - b)
    expect(waits[Math.floor(waits.length * 0.99)]).toBeLessThan(100)
    // Those of the sockets of this test too.
    expect(process.memoryUsage.rss() - rss).toBeLessThan(200 * 1024 ** 2)
  })
})
