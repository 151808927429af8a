import { Connection, requestBytes, type WireReply } from './connection.ts'

/** What the load generator is told to send, as data: it runs in a process of its own. */
export interface Plan {
  /** Where to send; connections take them in turn. */
  readonly urls: readonly string[]
  readonly connections: number
  readonly seconds: number
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  /** The type of the bodies; JSON, if it is not said. */
  readonly contentType?: string
  /**
   * `repeat`: the same body each time; `any`: one of them at random; `bearers`: no body, one of the tokens at
   * random; `once`: each body once, and the run ends when they are used up; `refresh`: a chain of tokens per
   * connection.
   */
  readonly bodies:
    | { readonly kind: 'repeat'; readonly body?: string }
    | { readonly kind: 'any'; readonly bodies: readonly string[] }
    | { readonly kind: 'bearers'; readonly tokens: readonly string[] }
    | { readonly kind: 'once'; readonly bodies: readonly string[] }
    | { readonly kind: 'refresh'; readonly tokens: readonly string[] }
}

/** What came of it. Latencies in milliseconds, measured by the sender. */
export interface Outcome {
  readonly requests: number
  readonly rate: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly failed: number
  /** Refresh only: the tokens with which the chains go on. */
  readonly tokens: readonly string[]
}

type Source = (reply: WireReply | undefined) => string | undefined

/** The source of each connection's requests; undefined when there are no more. */
const createSources = (plan: Plan): Source[] => {
  const { host } = new URL(plan.urls[0] ?? '')
  const { bodies, method, path } = plan
  const token = {
    ...(plan.token === undefined ? {} : { token: plan.token }),
    ...(plan.contentType === undefined ? {} : { contentType: plan.contentType }),
  }
  const of = (body: string | undefined): string =>
    requestBytes(host, { method, path, ...token, ...(body === undefined ? {} : { body }) })
  if (bodies.kind === 'repeat') {
    const bytes = of(bodies.body)
    return Array.from({ length: plan.connections }, () => () => bytes)
  }
  const anyOf = (all: readonly string[]): Source[] =>
    Array.from({ length: plan.connections }, () => () => all[Math.floor(Math.random() * all.length)])
  if (bodies.kind === 'any') return anyOf(bodies.bodies.map(of))
  if (bodies.kind === 'bearers')
    return anyOf(bodies.tokens.map((bearer) => requestBytes(host, { method, path, token: bearer })))
  if (bodies.kind === 'once') {
    let next = 0
    return Array.from({ length: plan.connections }, () => () => {
      const body = bodies.bodies[next++]
      return body === undefined ? undefined : of(body)
    })
  }
  return bodies.tokens.map((first, index) => (reply) => {
    const tokens = bodies.tokens as string[]
    if (reply !== undefined) tokens[index] = refreshTokenOf(reply)
    return requestBytes(host, { method, path, token: tokens[index] ?? first, body: '{}' })
  })
}

const refreshTokenOf = (reply: WireReply): string =>
  (JSON.parse(reply.body) as { token: { refresh_token: string } }).token.refresh_token

const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

const run = async (plan: Plan): Promise<Outcome> => {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  let failed = 0
  const start = performance.now()
  const deadline = start + plan.seconds * 1000
  const drive = async (next: Source, index: number): Promise<void> => {
    const connection = new Connection(plan.urls[index % plan.urls.length] ?? '')
    let reply: WireReply | undefined
    for (;;) {
      const bytes = next(reply)
      const sentAt = performance.now()
      if (bytes === undefined || sentAt >= deadline) break
      try {
        reply = await connection.send(bytes)
        latencies.push(performance.now() - sentAt)
        statuses[reply.status] = (statuses[reply.status] ?? 0) + 1
      } catch {
        failed++
      }
    }
    connection.close()
  }
  await Promise.all(createSources(plan).map(drive))
  const seconds = (performance.now() - start) / 1000
  const sorted = Float64Array.from(latencies).sort()
  return {
    requests: sorted.length,
    rate: sorted.length / seconds,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    statuses,
    failed,
    tokens: plan.bodies.kind === 'refresh' ? plan.bodies.tokens : [],
  }
}

process.on('message', (plan: Plan) => {
  void run(plan).then((outcome) => process.send?.(outcome))
})
process.on('disconnect', () => process.exit(0))
process.send?.({ ready: true })
