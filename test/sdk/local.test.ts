import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, type AgentReport } from '../../sdk/index.ts'
import {
  createDecider,
  createKeySet,
  explain,
  NotReadyError,
  type Decider,
  type DeciderOptions,
} from '../../sdk/local/index.ts'
import { AccountCache } from '../../sdk/local/accounts.ts'
import { Lineage } from '../../sdk/local/lineage.ts'
import { readEventStream } from '../../sdk/server/event-stream.ts'
import { ISSUER, startScriptedDecisions, type ScriptedDecisions } from '../support/scripted-decisions.ts'
import { sendJson } from '../support/scripted-server.ts'
import { ROOT } from '../support/source-files.ts'

const ALLOW = { Effect: 'Allow', Action: 'orders:*', Resource: 'order/*' } as const
const DENY_LARGE = {
  Sid: 'Large',
  Effect: 'Deny',
  Action: 'orders:*',
  Resource: '*',
  Condition: { NumericGreaterThan: { 'orders.total': 100 } },
} as const
const USER = 'usr_1'

let daemon: ScriptedDecisions
const deciders: Decider[] = []
const errors: unknown[] = []

const deciderOf = (options: Partial<DeciderOptions> = {}): Decider => {
  const client = createClient({ baseUrl: daemon.url, accessToken: 'opaque', retries: 0 })
  const keySet = createKeySet({ issuer: ISSUER, jwksUrl: `${daemon.url}/.well-known/jwks.json` })
  const onError = (error: unknown): void => void errors.push(error)
  const decider = createDecider({ client, issuer: ISSUER, keySet, onError, ...options })
  deciders.push(decider)
  return decider
}

const readyDecider = async (options: Partial<DeciderOptions> = {}): Promise<Decider> => {
  const decider = deciderOf(options)
  await decider.ready()
  await decider.load(USER)
  return decider
}

beforeEach(async () => {
  errors.length = 0
  daemon = await startScriptedDecisions()
  daemon.policies.set('root/users', [ALLOW, DENY_LARGE])
  daemon.put({ id: USER, path: USER })
})
afterEach(async () => {
  await Promise.all(deciders.splice(0).map((decider) => decider.close()))
  await daemon.stop()
})

const until = (holds: () => boolean): Promise<void> => expect.poll(holds, { interval: 5 }).toBe(true)

const changePolicies = (...statements: Parameters<typeof daemon.policies.set>[1]): void => {
  daemon.policies.set('root/users', statements)
  daemon.tell()
}

describe('S25: decisions in the process', () => {
  test('are made at once, and name what made them', async () => {
    const decider = await readyDecider()
    const { length } = daemon.seen
    expect(decider.can(USER, 'orders:Read', 'order/1')).toBe(true)
    expect(decider.decide(USER, 'orders:Read', 'order/1', { 'orders.total': 101 })).toMatchObject({
      allowed: false,
      decision: 'DENY_EXPLICIT',
      reason: null,
      source: 'process',
      revision: daemon.snapshot().revision,
    })
    expect(daemon.seen).toHaveLength(length)
  })

  test('are explained by the same engine', async () => {
    const decider = await readyDecider()
    const asked = [USER, 'orders:Read', 'order/1', { 'orders.total': 500 }] as const
    expect(explain(decider, ...asked)).toMatchObject({
      decision: 'DENY_EXPLICIT',
      explanation: { decided_by: { statement: { policy: 'root/users', statement: 1, sid: 'Large' } } },
    })
    expect(explain(decider, USER, 'orders:Fly', 'order/1').explanation).toBeNull()
    expect(explain(decider, 'usr_2', 'orders:Read', 'order/1').explanation).toBeNull()
  })

  test.each([
    ['orders:Fly', 'order/1', {}, 'unknown_action', 'process', null],
    ['orders:Read', 'place/1', {}, 'unknown_resource_type', 'process', null],
    ['billing:Read', 'order/1', {}, 'not_covered', 'nobody', null],
    ['authctl:Read', 'order/1', {}, 'not_covered', 'nobody', null],
    ['orders:Read', 'order/../1', {}, 'invalid_question', 'nobody', '/resource'],
    ['orders:Read', 'order//1', {}, 'invalid_question', 'nobody', '/resource'],
    ['orders:read', 'order/1', {}, 'invalid_question', 'nobody', '/action'],
    [
      'orders:Read',
      'order/1',
      { 'orders.total': '1,000' },
      'invalid_question',
      'nobody',
      '/context/orders.total',
    ],
    ['orders:Read', 'order/1', { 'orders.tax': 1 }, 'invalid_question', 'nobody', '/context/orders.tax'],
    [
      'orders:Read',
      'order/1',
      { 'caller.role': 'admin' },
      'invalid_question',
      'nobody',
      '/context/caller.role',
    ],
    [
      'orders:Read',
      'order/1',
      { 'orders.total': NaN },
      'invalid_question',
      'nobody',
      '/context/orders.total',
    ],
  ])('deny %s on %s with %j: %s', async (action, resource, context, reason, source, pointer) => {
    const decider = await readyDecider({ onStale: 'deny' })
    const decision = decider.decide(USER, action, resource, context)
    expect(decision).toMatchObject({ allowed: false, decision: 'DENY_IMPLICIT', reason, source, pointer })
    expect(await decider.check(USER, action, resource, context)).toMatchObject({ allowed: false, reason })
  })

  test('follow the policies and the accounts', async () => {
    const decider = await readyDecider()
    const may = (): boolean => decider.can(USER, 'orders:Read', 'order/1')
    changePolicies({ ...ALLOW, Effect: 'Deny' })
    await until(() => !may())
    changePolicies(ALLOW)
    await until(may)
    daemon.put({ id: USER, path: USER, status: 'disabled' })
    daemon.tell({ accounts: [USER] })
    await until(() => !may())
    expect(decider.decide(USER, 'orders:Read', 'order/1').reason).toBe('not_loaded')
    expect((await decider.check(USER, 'orders:Read', 'order/1')).reason).toBe('not_active')
  })

  test('are about each account alone, also where many hold the same below the same', async () => {
    daemon.policies.set('root/users', [
      { ...ALLOW, Resource: 'order/${principal.id}/*' },
      { ...ALLOW, Resource: 'order/${caller.role}/*', Condition: { DateGreaterThan: { 'request.time': '2020-01-01T00:00:00Z' } } },
    ]) // prettier-ignore
    const ids = ['usr_1', 'usr_2', 'usr_3']
    for (const id of ids) daemon.put({ id, path: id, ...(id === 'usr_3' ? { status: 'disabled' } : {}) })
    const decider = await readyDecider()
    await decider.load(...ids)
    const allowed = (place: string) => ids.filter((id) => decider.can(id, 'orders:Read', `order/${place}/1`))
    expect(['usr_1', 'usr_2', 'usr_3', 'user'].map(allowed)).toEqual([
      ['usr_1'],
      ['usr_2'],
      [],
      ['usr_1', 'usr_2'],
    ])
  })

  test('go with the accounts above: one that is disabled takes those below with it', async () => {
    daemon.policies.set('root/all', [ALLOW])
    const tree = ['adm_1', 'adm_1/cli_1', 'adm_1/cli_1/sub_1']
    const putTree = (status: 'active' | 'disabled'): void => {
      for (const path of tree)
        daemon.put({
          id: path.split('/').at(-1) ?? '',
          path,
          policies: ['root/all'],
          status: path === 'adm_1/cli_1' ? status : 'active',
        })
    }
    putTree('active')
    daemon.answer = ({ url }, response) => {
      if (!url.includes('ids=sub_1')) return false
      sendJson(response, 200, daemon.factsPage(['adm_1', 'cli_1', 'sub_1']))
      return true
    }
    const decider = await readyDecider()
    await decider.load('sub_1')
    expect(decider.can('sub_1', 'orders:Read', 'order/1')).toBe(true)
    putTree('disabled')
    daemon.tell({ accounts: ['cli_1'] })
    await until(() => !decider.can('sub_1', 'orders:Read', 'order/1'))
    expect((await decider.check('sub_1', 'orders:Read', 'order/1')).reason).toBe('not_active')
  })
})

test('S25: it reports how often it has decided, by what, and a sample of what was denied', async () => {
  const decider = await readyDecider({ agent: 'web-1' })
  const denied = { 'orders.total': 500 }
  for (let n = 0; n < 100; n++) decider.decide(USER, 'orders:Read', `order/${n}`, denied)
  for (let n = 0; n < 7; n++) decider.decide(USER, 'orders:Read', `order/${n}`)
  decider.decide(USER, 'orders:Fly', 'order/1')
  const reports = () => daemon.seen.filter(({ url }) => url === '/policies/agents')
  await until(() => reports().length > 0)
  const report = JSON.parse(reports()[0]?.body ?? '') as AgentReport
  expect(report).toMatchObject({
    agent: 'web-1',
    revision: decider.status().revision,
    allowed: 7,
    denied: 101,
  })
  expect(report.denials).toHaveLength(50)
  expect(new Set(report.denials.map(({ resource }) => resource)).size).toBe(50)
  expect(JSON.stringify(report)).not.toContain('orders.total')
})

describe('S25: what is too old decides nothing', () => {
  test('without a word of the daemon it denies, or asks, and says which', async () => {
    const decider = await readyDecider({ maxStalenessMs: 150 })
    daemon.answer = ({ url }, response) => {
      if (url === '/access/check')
        sendJson(response, 200, { allowed: true, decision: 'ALLOW', reason: null, decision_id: null })
      return true
    }
    await until(() => !decider.can(USER, 'orders:Read', 'order/1'))
    const stale = decider.decide(USER, 'orders:Read', 'order/1')
    expect(stale).toMatchObject({ reason: 'stale', source: 'nobody' })
    expect(stale.staleMs).toBeGreaterThan(150)
    expect(await decider.check(USER, 'orders:Read', 'order/1')).toMatchObject({
      allowed: true,
      source: 'daemon',
    })
    daemon.answer = (_request, response) => (sendJson(response, 503, { code: 'unavailable' }), true)
    expect(await decider.check(USER, 'orders:Read', 'order/1')).toMatchObject({
      allowed: false,
      reason: 'unavailable',
    })
  })

  test('a head that cannot be loaded makes what is at hand old', async () => {
    const decider = await readyDecider({ maxStalenessMs: 150, onStale: 'deny' })
    daemon.answer = ({ url }, response) => {
      if (!url.startsWith('/policies/snapshot')) return false
      sendJson(response, 503, { code: 'unavailable' })
      return true
    }
    changePolicies({ ...ALLOW, Effect: 'Deny' })
    const beat = setInterval(() => daemon.tell(), 20)
    await until(() => decider.decide(USER, 'orders:Read', 'order/1').reason === 'stale')
    daemon.answer = undefined
    await until(() => decider.decide(USER, 'orders:Read', 'order/1').decision === 'DENY_EXPLICIT')
    clearInterval(beat)
  })

  test('after close everything is denied, and nothing is asked any more', async () => {
    const decider = await readyDecider()
    await decider[Symbol.asyncDispose]()
    const { length } = daemon.seen
    expect(await decider.check(USER, 'orders:Read', 'order/1')).toMatchObject({
      allowed: false,
      reason: 'stale',
    })
    await expect(decider.ready()).rejects.toThrow(NotReadyError)
    expect(daemon.seen).toHaveLength(length)
    await until(() => daemon.streams.size === 0)
  })
})

test.each<[string, DeciderOptions['keySet'] | undefined, string]>([
  [
    'keys that do not come',
    { ...createKeySet({ issuer: ISSUER }), find: () => new Promise(() => undefined) },
    '',
  ],
  ['a stream that does not begin', undefined, '/policies/events'],
  ['policies that do not come', undefined, '/policies/snapshot'],
])('S25: close waits for nothing: %s', async (_name, keySet, silent) => {
  let isAsked = keySet !== undefined
  daemon.answer = ({ url }) => {
    const isSilent = new URL(url, daemon.url).pathname === silent
    isAsked ||= isSilent
    return isSilent
  }
  const decider = deciderOf(keySet === undefined ? {} : { keySet })
  const ready = decider.ready().catch((error: unknown) => error)
  await until(() => isAsked && daemon.seen.length > 0)
  const startedAt = performance.now()
  await decider.close()
  expect(await ready).toMatchObject({ message: 'the decider is closed' })
  expect(performance.now() - startedAt).toBeLessThan(1000)
  await until(() => daemon.streams.size === 0)
  expect(errors).toEqual([])
})

test.each([
  ['accounts that do not come', '/policies/snapshot/accounts'],
  ['a decision that does not come', '/access/check'],
])('S25: nor does what was asked before close: %s', async (_name, silent) => {
  const decider = await readyDecider()
  let isAsked = false
  daemon.answer = ({ url }) => {
    const isSilent = new URL(url, daemon.url).pathname === silent
    isAsked ||= isSilent
    return isSilent
  }
  const asked = ['usr_9', 'orders:Read', 'order/1'] as const
  const checked = decider.check(...asked)
  const loaded = silent === '/access/check' ? undefined : decider.load('usr_9')
  const failure = loaded?.catch((error: unknown) => error)
  await until(() => isAsked)
  const startedAt = performance.now()
  await decider.close()
  expect(await checked).toMatchObject({ allowed: false, source: 'nobody' })
  if (failure !== undefined) expect(await failure).toMatchObject({ code: 'aborted' })
  await expect(decider.load('usr_10')).rejects.toMatchObject({ code: 'aborted' })
  expect(performance.now() - startedAt).toBeLessThan(1000)
  expect(errors).toEqual([])
})

test('S25: about nobody nothing is asked: the daemon would answer for the application itself', async () => {
  daemon.answer = ({ url }, response) => {
    if (url !== '/access/check') return false
    sendJson(response, 200, { allowed: true, decision: 'ALLOW', reason: null, decision_id: null })
    return true
  }
  const decider = await readyDecider()
  const { length } = daemon.seen
  for (const nobody of [undefined, null, '', 7] as unknown[] as string[]) {
    const denied = { allowed: false, reason: 'invalid_question', pointer: '/principal' }
    expect(await decider.check(nobody, 'orders:Read', 'order/1')).toMatchObject(denied)
    expect(decider.can(nobody, 'orders:Read', 'order/1')).toBe(false)
    expect(explain(decider, nobody, 'orders:Read', 'order/1')).toMatchObject(denied)
  }
  expect(daemon.seen).toHaveLength(length)
})

describe('S25: only the daemon is believed', () => {
  type Body = Record<string, unknown>
  /** What a proxy has kept of a moment ago. */
  let earlier: { readonly changes: Body; readonly facts: Body }
  const widened = { Statement: [ALLOW], at: [0] }
  const tampered: [string, string, (body: Body) => Body][] = [
    ['a snapshot with other policies', 'snapshot', (body) => ({ ...body, policies: {} })],
    [
      'a document that allows more',
      'snapshot',
      ({ documents, ...body }) => ({
        ...body,
        documents: Object.fromEntries(Object.keys(documents as Body).map((name) => [name, widened])),
      }),
    ],
    ['a snapshot without a signature', 'snapshot', (body) => ({ ...body, signature: null })],
    [
      'a snapshot with the signature of something else',
      'snapshot',
      (body) => ({ ...body, signature: daemon.changes().signature }),
    ],
    ['a snapshot of another form', 'snapshot', (body) => ({ ...body, format: 2 })],
    ['a difference from elsewhere', 'snapshot', (body) => ({ ...body, since: 'x'.repeat(43) })],
    ['changes that were changed', 'events', (body) => ({ ...body, reset: true })],
    ['changes without a signature', 'events', (body) => ({ ...body, signature: null })],
    ['changes of an hour ago', 'events', () => daemon.changes({ as_of: new Date(0).toISOString() })],
    ['changes that were said to another connection', 'events', () => earlier.changes],
    ['facts that were said before', 'snapshot/accounts', () => earlier.facts],
    ['facts that were changed', 'snapshot/accounts', (body) => ({ ...body, accounts: [] })],
  ]
  test.each(tampered)('%s: refused', async (_name, path, tamper) => {
    daemon.answer = ({ url }, response) => {
      if (new URL(url, daemon.url).pathname !== `/policies/${path}`) return false
      if (path === 'events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`data: ${JSON.stringify(tamper(daemon.changes()))}\n\n`)
      } else
        sendJson(response, 200, tamper(path === 'snapshot' ? daemon.snapshot() : daemon.factsPage([USER])))
      return true
    }
    earlier = { changes: daemon.changes(), facts: daemon.factsPage([USER]) }
    const decider = deciderOf({ onStale: 'deny' })
    const code = await decider.load(USER).then(
      () => undefined,
      ({ code: thrown }: { code: string }) => thrown,
    )
    expect(code).toBe(path === 'snapshot/accounts' ? 'unsigned' : undefined)
    if (path !== 'snapshot/accounts') await until(() => errors.length > 0)
    expect(decider.decide(USER, 'orders:Read', 'order/1')).toMatchObject({
      allowed: false,
      reason: 'not_loaded',
    })
  })

  test('a newer language is refused, and what was there before is not decided by for long', async () => {
    const decider = await readyDecider({ maxStalenessMs: 200, onStale: 'deny' })
    daemon.setLanguage(2)
    changePolicies(ALLOW)
    await until(() => decider.decide(USER, 'orders:Read', 'order/1').reason === 'stale')
    await expect.poll(() => decider.status().error).toMatchObject({ code: 'unknown_language' })
  })
})

describe('S25: accounts at hand', () => {
  test('facts that were on their way when an account changed are loaded again', async () => {
    const decider = await readyDecider()
    daemon.put({ id: 'usr_2', path: 'usr_2' })
    let loads = 0
    daemon.answer = ({ url }, response) => {
      if (!url.includes('ids=usr_2')) return false
      loads += 1
      const facts = daemon.factsPage(['usr_2'])
      if (loads > 1) return false
      daemon.put({ id: 'usr_2', path: 'usr_2', status: 'disabled' })
      daemon.tell({ accounts: ['usr_2'] })
      // The change is heard while the answer of before is still on its way.
      setTimeout(() => sendJson(response, 200, facts), 50)
      return true
    }
    await decider.load('usr_2')
    expect(loads).toBe(2)
    expect(decider.decide('usr_2', 'orders:Read', 'order/1').reason).toBe('not_active')
  })

  test('those that are asked for together come in one call, and each once', async () => {
    const decider = await readyDecider()
    const { length } = daemon.seen
    for (const id of ['usr_3', 'usr_4']) daemon.put({ id, path: id })
    await Promise.all([decider.load('usr_3', 'usr_4', USER), decider.load('usr_4')])
    expect(daemon.seen.slice(length).map(({ url }) => url.replace(/&nonce=\w+$/, ''))).toEqual([
      '/policies/snapshot/accounts?ids=usr_3%2Cusr_4',
    ])
    expect(decider.status().accounts).toBe(3)
  })

  test('one that is no account keeps nobody else away who is asked about at the same time', async () => {
    daemon.answer = ({ url }, response) => {
      const { pathname, searchParams } = new URL(url, daemon.url)
      const isOurs = pathname === '/policies/snapshot/accounts'
      if (!isOurs || /^usr_\d(?:,usr_\d)*$/.test(searchParams.get('ids') ?? '')) return false
      sendJson(response, 400, { code: 'invalid_request' })
      return true
    }
    const decider = await readyDecider({ onStale: 'deny' })
    daemon.put({ id: 'usr_3', path: 'usr_3' })
    const ids = ['a,b', 'x'.repeat(100), '../usr_1', 'usr_3', 'usr 4']
    const decisions = ids.map((id) => decider.check(id, 'orders:Read', 'order/1'))
    expect((await Promise.all(decisions)).map(({ allowed, reason }) => [allowed, reason])).toEqual(
      ids.map((id) => (id === 'usr_3' ? [true, null] : [false, 'not_loaded'])),
    )
    await decider.load(...ids)
    expect(errors).toEqual([])
  })

  const lineage = (...ids: string[]) =>
    new Lineage(
      ids.map((id, n) => ({
        id,
        path: ids.slice(0, n + 1).join('/'),
        role: 'client' as const,
        status: 'active' as const,
        attributes: {},
        policies: [],
        boundary: null,
        marks: [],
        version: 1,
      })),
    )

  test('are so many and no more, and those that are asked for stay', () => {
    const cache = new AccountCache(100)
    cache.end(cache.begin(), [lineage('top', 'wanted')])
    for (let n = 0; n < 1000; n++) {
      cache.end(cache.begin(), [lineage('top', `id${n}`)])
      expect(cache.get('wanted')).toBeDefined()
    }
    expect(cache.size).toBe(100)
    cache.forget('top')
    expect(cache.size).toBe(0)
  })

  test('are kept only if nothing of them was invalidated since their load began', () => {
    const cache = new AccountCache(100)
    const [first, second] = [cache.begin(), cache.begin()]
    cache.forget('top')
    expect(cache.end(first, [lineage('top', 'a'), lineage('other', 'b')])).toEqual(['a'])
    cache.clear()
    expect(cache.end(second, [lineage('other', 'c')])).toEqual(['c'])
    expect(cache.end(cache.begin(), [lineage('top', 'a')])).toEqual([])
    expect(['a', 'b', 'c'].map((id) => cache.get(id) !== undefined)).toEqual([true, false, false])
  })
})

describe('S25: the stream', () => {
  const queries = (path: string): string[] =>
    daemon.seen.flatMap(({ url }) =>
      url.startsWith(path) ? [new URL(url, daemon.url).searchParams.get('after') ?? ''] : [],
    )

  test('that breaks goes on where it was, and nothing that is at hand is loaded again', async () => {
    const decider = await readyDecider()
    const { revision } = decider.status()
    daemon.cut()
    await until(() => queries('/policies/events').length > 1 && daemon.streams.size === 1)
    expect(queries('/policies/events')).toEqual(['', 'p1'])
    expect(decider.decide(USER, 'orders:Read', 'order/1')).toMatchObject({ allowed: true, revision })
    expect(queries('/policies/snapshot')).toHaveLength(2)
  })

  test('that does not know where it was makes everything be forgotten', async () => {
    const decider = await readyDecider()
    daemon.tell({ reset: true })
    await until(() => decider.status().accounts === 0)
    expect((await decider.check(USER, 'orders:Read', 'order/1')).source).toBe('process')
  })

  test('through which nothing comes is given up for polls', async () => {
    daemon.answer = ({ url }, response) => {
      if (!url.startsWith('/policies/events')) return false
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end()
      return true
    }
    const decider = await readyDecider()
    expect(decider.can(USER, 'orders:Read', 'order/1')).toBe(true)
    daemon.policies.set('root/users', [])
    await until(() => !decider.can(USER, 'orders:Read', 'order/1'))
    expect(queries('/policies/changes').length).toBeGreaterThan(1)
  })

  test.each([
    ['whole', ['data: a\n\ndata: b\n\n']],
    ['by single bytes', [...'id: 1\r\ndata: a\r\n\r\n: a comment\n\ndata:b\n\n']],
    ['with more than one event in a piece', ['data: a\n', '\ndata: b\n\ndata: not ended']],
  ])('is read %s', async (_name, pieces) => {
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const piece of pieces) controller.enqueue(encoder.encode(piece))
        controller.close()
      },
    })
    const heard: string[] = []
    const limits = { silenceMs: 1000, signal: new AbortController().signal }
    await readEventStream(body, limits, (data) => Promise.resolve(heard.push(data) > 0))
    expect(heard).toEqual(['a', 'b'])
  })

  test('without a word is ended, and so is one that nobody wants any more', async () => {
    const silent = (): ReadableStream<Uint8Array> => new ReadableStream()
    const hear = (): Promise<boolean> => Promise.resolve(true)
    const limits = { silenceMs: 20, signal: new AbortController().signal }
    await expect(readEventStream(silent(), limits, hear)).rejects.toThrow('nothing came')
    await readEventStream(silent(), { silenceMs: 60_000, signal: AbortSignal.abort() }, hear)
  })
})

test('S25: it works where there is nothing but the web: on the edge, in Deno, in a page', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { createClient } from '@authctl/sdk'; export * from '@authctl/sdk/local'`,
      resolveDir: ROOT,
    },
    bundle: true,
    format: 'iife',
    globalName: 'sdk',
    platform: 'browser',
    write: false,
    tsconfigRaw: {},
  })
  const web = { AbortController, Headers, TextDecoder, TextEncoder, atob, btoa, crypto, fetch, performance }
  const timers = { setTimeout, clearTimeout, queueMicrotask }
  const given = { baseUrl: daemon.url, issuer: ISSUER, keys: daemon.keys, user: USER }
  const context = createContext({ ...web, ...timers, ...given })
  const code = `${outputFiles[0]?.text ?? ''}
    (async () => {
      const client = sdk.createClient({ baseUrl, accessToken: 'opaque' })
      const decider = sdk.createDecider({ client, issuer, keys })
      await decider.ready()
      await decider.load(user)
      const decisions = [50, 500].map((total) => decider.can(user, 'orders:Read', 'order/1', { 'orders.total': total }))
      await decider.close()
      return [...decisions, typeof process, typeof Buffer].join()
    })()`
  expect(await runInContext(code, context)).toBe('true,false,undefined,undefined')
})
