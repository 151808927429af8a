import type { SignedIn } from '../support/accounts.ts'
import { createApi } from '../support/api.ts'
import { createChance } from './chance.ts'
import { ACTORS, createActors, type Actor, type Actors } from './actors.ts'
import { createDrafts, type Draft } from './requests.ts'
import { fillIn } from './values.ts'
import { createJudge, lookupIn, operationsOf, type Document, type Judge } from './verdict.ts'
import { Wire, type WireAnswer } from './wire.ts'

export interface FuzzOptions {
  readonly url: string
  readonly requests: number
  readonly seed: number
  /** Of the super-admin, who is signed in by the usual password of the tests. */
  readonly root: { readonly username: string; readonly id: string }
  readonly signInUser: (number: string) => Promise<SignedIn>
  readonly onProgress?: (progress: Progress) => void
}

export interface Progress {
  readonly sent: number
  readonly seconds: number
  readonly statuses: Readonly<Record<string, number>>
  readonly findings: number
}

/** One kind of wrong answer: how often, and the first request that got it. */
export interface Finding {
  readonly what: string
  times: number
  readonly actor: Actor
  readonly request: string
  readonly answer: string
}

export interface Outcome extends Progress {
  readonly found: readonly Finding[]
  /** Operations that no request of the run did with success. */
  readonly neverDone: readonly string[]
}

/** How often each comes up: those who may do more, more often. */
const SHARES: Readonly<Record<Actor, number>> = {
  nobody: 2,
  garbage: 1,
  root: 6,
  admin: 5,
  client: 4,
  subClient: 2,
  user: 2,
  refresh: 1,
}
const CALLERS = ACTORS.flatMap((actor) => Array.from({ length: SHARES[actor] }, () => actor))
const CONNECTIONS = 16
const BATCH = 500
const KEPT_IDS = 300
const SHOWN = 1500

/** Ids that answers gave, by their prefix; that of the super-admin stays out, so that it is never deleted. */
class Ids {
  readonly #ids = new Map<string, string[]>()
  readonly #root: string
  #turn = 0

  constructor(root: string) {
    this.#root = root
  }

  learn(text: string): void {
    for (const [id, prefix = ''] of text.matchAll(/\b(sa|adm|cli|sub|usr|ses)_[0-9a-z]{26}\b/g)) {
      if (id === this.#root || id.endsWith('0'.repeat(26))) continue
      const ids = this.#ids.get(prefix) ?? []
      ids[this.#turn++ % KEPT_IDS] = id
      this.#ids.set(prefix, ids.filter(Boolean))
    }
  }

  some(prefix: string): string | undefined {
    const ids = this.#ids.get(prefix) ?? []
    return ids[this.#turn++ % Math.max(1, ids.length)]
  }
}

/** Nothing of a path may end the request line. */
const lineOf = (method: string, target: string): string =>
  `${method} ${target.replaceAll(/[\r\n ]/g, '')} HTTP/1.1`

const bytesOf = (
  draft: Draft,
  { host, bearer, ids }: { host: string; bearer: string | undefined; ids: Ids },
) => {
  const fill = (text: string): string => fillIn(text, (prefix) => ids.some(prefix))
  const { body, isLatin1, isChunked, headers } = draft
  const target = fill(draft.target)
  const content = body === undefined ? undefined : Buffer.from(fill(body), isLatin1 ? 'latin1' : 'utf8')
  const lines = [lineOf(draft.method, target), `Host: ${host}`]
  if (bearer !== undefined) lines.push(`Authorization: Bearer ${bearer}`)
  const sent = new Set<string>()
  for (const [name, value] of headers) {
    if (sent.has(name)) continue
    sent.add(name)
    lines.push(`${name}: ${value}`)
  }
  if (content !== undefined)
    lines.push(isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${content.length}`)
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  const chunked = (data: Buffer): Buffer[] =>
    data.length === 0
      ? [Buffer.from('0\r\n\r\n')]
      : [Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n0\r\n\r\n')]
  const parts = content === undefined ? [] : isChunked ? chunked(content) : [content]
  return { target, bytes: Buffer.concat([head, ...parts]) }
}

class Findings {
  readonly #found = new Map<string, Finding>()

  get all(): Finding[] {
    return [...this.#found.values()]
  }

  add(what: string, about: Omit<Finding, 'what' | 'times'>): void {
    const known = this.#found.get(what)
    if (known === undefined) this.#found.set(what, { what, times: 1, ...about })
    else known.times++
  }
}

const shown = (bytes: Buffer): string =>
  bytes
    .toString('utf8')
    .replace(/Bearer \S+/, 'Bearer …')
    .slice(0, SHOWN)

interface Shared {
  readonly host: string
  readonly judge: Judge
  readonly actors: Actors
  readonly ids: Ids
  readonly findings: Findings
  readonly statuses: Record<string, number>
  readonly done: Set<string>
}

const learnFrom = ({ ids, actors }: Shared, { operation }: Draft, { status, text }: WireAnswer): void => {
  if (status >= 300 || text === '' || text.length > 50_000) return
  ids.learn(text)
  const [, token] =
    operation.operationId === 'tokens.refresh' ? (/"refresh_token":"([^"]+)"/.exec(text) ?? []) : []
  if (token !== undefined) actors.keepRefresh(token)
}

const sendOne = async (
  wire: Wire,
  [draft, chosen]: readonly [Draft, Actor],
  shared: Shared,
): Promise<void> => {
  const { host, judge, actors, ids, findings, statuses, done } = shared
  // Its password must stay what it is, for it signs in again by it.
  const isOwnPassword = chosen === 'root' && draft.operation.operationId === 'passwords.change'
  const actor = isOwnPassword ? 'admin' : chosen
  const { bytes, target } = bytesOf(draft, { host, bearer: actors.bearerOf(actor), ids })
  try {
    const answer = await wire.send(bytes, draft.method === 'HEAD')
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    if (answer.status < 300 && draft.method === draft.operation.method) done.add(draft.operation.operationId)
    if (answer.status === 401 && answer.text.includes('"code":"invalid_')) actors.doubt(actor)
    const fault = judge({ method: draft.method, target }, answer)
    if (fault === undefined) learnFrom(shared, draft, answer)
    else
      findings.add(fault, {
        actor,
        request: shown(bytes),
        answer: `${answer.status} ${answer.text.slice(0, SHOWN)}`,
      })
  } catch (error) {
    findings.add(
      `${draft.operation.operationId}: ${error instanceof Error ? error.message.replaceAll(/\d+/g, 'N') : 'failed'}`,
      {
        actor,
        request: shown(bytes),
        answer: String(error),
      },
    )
  }
}

/**
 * Sends generated requests of every operation of the OpenAPI document to a daemon, as nobody, as every role
 * and with wrong tokens, and holds every answer against the document (H14). The daemon needs its rate limits
 * off. The same seed sends the same requests, but for the ids of the run.
 */
export const fuzz = async ({
  url,
  requests,
  seed,
  root,
  signInUser,
  onProgress,
}: FuzzOptions): Promise<Outcome> => {
  const api = createApi(url)
  const document = (await api.get('/openapi.json')).body as unknown as Document
  const operations = operationsOf(document)
  const lookup = lookupIn(document)
  const shared: Shared = {
    host: new URL(url).host,
    judge: createJudge(document),
    actors: await createActors(api, root, signInUser),
    ids: new Ids(root.id),
    findings: new Findings(),
    statuses: {},
    done: new Set(),
  }
  const nextDraft = createDrafts(operations, lookup, seed)
  const chance = createChance(seed)
  const wires = Array.from({ length: CONNECTIONS }, () => new Wire(url))
  const startedAt = performance.now()
  let sent = 0
  const progress = (): Progress => ({
    sent,
    seconds: (performance.now() - startedAt) / 1000,
    statuses: shared.statuses,
    findings: shared.findings.all.length,
  })
  while (sent < requests) {
    const size = Math.min(BATCH, requests - sent)
    let left = size
    await Promise.all(
      wires.map(async (wire) => {
        while (left-- > 0) await sendOne(wire, [nextDraft(), chance.pick(CALLERS)], shared)
      }),
    )
    sent += size
    await shared.actors.renew()
    onProgress?.(progress())
  }
  for (const wire of wires) wire.close()
  const neverDone = operations.map(({ operationId }) => operationId).filter((id) => !shared.done.has(id))
  return { ...progress(), found: shared.findings.all, neverDone }
}
