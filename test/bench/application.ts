import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { authctl, type GuardOptions } from '../../sdk/express/index.ts'
import { createClient } from '../../sdk/index.ts'
import { createFamily } from '../support/accounts.ts'
import { startTestDaemon } from '../support/in-process.ts'
import { allowing, ORDERS_SERVICE, put } from '../support/policy-calls.ts'
import { Connection, requestBytes } from './connection.ts'
import { median } from './median.ts'

/*
 * An Express application whose route is guarded by three lines, beside the same one without: requests a
 * second over one connection, and processor time for each, medians of rounds in turn. Then the same route as
 * it is where each request asks the daemon.
 */
const ROUNDS = 7
const ROUND_MS = 700
/** Until the compiler of the engine is done: its work is none of a request. */
const WARM_UP_MS = 4000

type Kind = 'bare' | 'guarded' | 'asking'

/** What the application of a child process is made of. */
interface Setup {
  readonly kind: Kind
  readonly guard: Pick<GuardOptions, 'issuer' | 'keys'>
  readonly daemon: { readonly baseUrl: string; readonly accessToken: string }
}

const createApp = ({ kind, guard, daemon }: Setup): express.Express => {
  const app = express().disable('x-powered-by')
  if (kind !== 'bare') {
    const client = createClient(daemon)
    const auth = authctl({ ...guard, client })
    app.use(auth)
    if (kind === 'asking') app.use(auth.require('orders:Read', 'order/42'))
  }
  return app.get('/orders/:id', ({ params }, response) => void response.json({ id: params.id, total: 900 }))
}

/** The child: serves, and tells the processor time that it has taken whenever it is asked. */
const serve = async (setup: Setup): Promise<void> => {
  const server = createApp(setup).listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ microseconds: user + system })
  })
  process.send?.({ port: (server.address() as AddressInfo).port })
}

interface Running {
  readonly round: (ms: number) => Promise<{ rate: number; microseconds: number }>
  readonly stop: () => void
}

const start = async (setup: Setup, token: string): Promise<Running> => {
  const child = fork(import.meta.filename, [JSON.stringify(setup)])
  const hear = async <T>(): Promise<T> => ((await once(child, 'message')) as [T])[0]
  const { port } = await hear<{ port: number }>()
  const host = `127.0.0.1:${port}`
  const connection = new Connection(`http://${host}`)
  const bytes = requestBytes(host, { method: 'GET', path: '/orders/42', token })

  const processorTime = async (): Promise<number> => {
    child.send('time')
    return (await hear<{ microseconds: number }>()).microseconds
  }
  const round = async (ms: number) => {
    const [before, begun] = [await processorTime(), performance.now()]
    let requests = 0
    while (performance.now() - begun < ms) {
      const { status, body } = await connection.send(bytes)
      if (status !== 200) throw new Error(`answered ${status} ${body}`)
      requests++
    }
    const rate = (requests * 1000) / (performance.now() - begun)
    return { rate, microseconds: ((await processorTime()) - before) / requests }
  }
  return {
    round,
    stop: () => {
      connection.close()
      child.kill()
    },
  }
}

/** A daemon with a client and a policy that allows it to read orders. */
const startDaemon = async () => {
  const daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off', PUBLIC_URL: 'https://auth.bench.test' })
  const { root, admin, client, subClient } = await createFamily(daemon)
  const token = root.access
  const policies = {
    '/services/orders': ORDERS_SERVICE,
    '/policies/reader': allowing('reader', 'orders:Read'),
  }
  for (const [path, body] of Object.entries(policies)) await put(daemon.api, path, { token, body })
  for (const { id } of [admin, client, subClient])
    await daemon.api.post(`/accounts/${id}/policies/reader`, {}, token)
  const jwks = await daemon.api.get('/.well-known/jwks.json')
  const { keys } = JSON.parse(jwks.text) as { keys: NonNullable<GuardOptions['keys']> }
  return { daemon, keys, asker: admin.access, token: subClient.access }
}

const measure = async (): Promise<void> => {
  const { daemon, keys, asker, token } = await startDaemon()
  const guard = { issuer: 'https://auth.bench.test', keys }
  const setup = { guard, daemon: { baseUrl: daemon.url, accessToken: asker } }
  const kinds: readonly Kind[] = ['bare', 'guarded', 'asking']
  const running = await Promise.all(kinds.map((kind) => start({ kind, ...setup }, token)))
  const rates = kinds.map(() => [] as number[])
  const times = kinds.map(() => [] as number[])
  for (const { round } of running) await round(WARM_UP_MS)
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, application] of running.entries()) {
      const { rate, microseconds } = await application.round(ROUND_MS)
      rates[index]?.push(rate)
      times[index]?.push(microseconds)
    }
  for (const { stop } of running) stop()
  await daemon.stop()
  const [bare = []] = rates
  const [bareTimes = []] = times
  const aims = ['', '>= 0.9', '']
  const names = ['without a guard', 'guarded by three lines', 'and asking /access/check']
  console.table(
    names.map((name, index) => {
      const [own = [], taken = []] = [rates[index], times[index]]
      const against = (values: readonly number[], to: readonly number[]): string =>
        median(values.map((value, round) => value / (to[round] ?? NaN))).toFixed(2)
      return {
        application: name,
        'requests/s': Math.round(median(own)),
        '× without': against(own, bare),
        'processor µs each': Math.round(median(taken)),
        '× by processor': against(bareTimes, taken),
        aim: aims[index],
      }
    }),
  )
}

const [setup] = process.argv.slice(2)
await (setup === undefined ? measure() : serve(JSON.parse(setup) as Setup))
