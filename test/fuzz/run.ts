import type { SignedIn } from '../support/accounts.ts'
import { createApi } from '../support/api.ts'
import { createChance } from './chance.ts'
import { ACTORS, createActors, type Actor, type Actors } from './actors.ts'
import { Coverage, DONE_BEFORE } from './coverage.ts'
import { type Finding, Findings } from './findings.ts'
import { Knowledge } from './knowledge.ts'
import { createRecipes, type Recipe } from './recipes/index.ts'
import { bytesOf } from './request-bytes.ts'
import { createDrafts, type Draft, type Drafts, type Operation } from './requests.ts'
import { createJudge, lookupIn, operationsOf, type Document, type Judge } from './verdict.ts'
import { Wire, type WireAnswer } from './wire.ts'

export interface FuzzOptions {
  readonly url: string
  readonly requests: number
  readonly seed: number
  /** What the super-admin has, who is signed in by the usual password of the tests. */
  readonly root: { readonly username: string; readonly id: string }
  readonly signInUser: (number: string) => Promise<SignedIn>
  /** The newest code that was sent to a number. */
  readonly codeOf: (number: string) => string | undefined
  /** Operations that the store of the run cannot serve. */
  readonly without?: readonly string[]
  readonly onProgress?: (progress: Progress) => void
  readonly onFinding?: (finding: Finding) => void
}

export interface Progress {
  readonly sent: number
  readonly seconds: number
  readonly statuses: Readonly<Record<string, number>>
  readonly findings: number
}

export interface Outcome extends Progress {
  readonly found: readonly Finding[]
  readonly coverage: Coverage
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
/** Callers are made anew now and onSuccess: what was attached to them may have taken all their rights. */
const RENEWED_AFTER = 20_000
const MOST_ROUNDS = 100
/** Which operations give others what they need. */
const NEEDED =
  /^(otp\.send|oauth\.authorizeDevice|(superadmins|admins|clients|subclients)\.create|policies\.(put|attach|apply)|applications\.create|keys\.rotate|services\.put|attachments\.get|access\.check|sessions\.list|places\.(import|list))$/
const SHOWN = 1500

const shown = (bytes: Buffer): string =>
  bytes
    .toString('utf8')
    .replace(/Bearer \S+/, 'Bearer …')
    .slice(0, SHOWN)

interface Shared {
  readonly host: string
  readonly judge: Judge
  readonly actors: Actors
  readonly known: Knowledge
  readonly findings: Findings
  readonly coverage: Coverage
}

/** A request, who sends it, and what is known by its success. */
interface Planned {
  readonly draft: Draft
  readonly actor: Actor
  readonly onSuccess?: Recipe['onSuccess']
}

const learnFrom = (
  { known, actors }: Shared,
  { draft, actor, onSuccess }: Planned,
  target: string,
  answer: WireAnswer,
): void => {
  const { operation, method } = draft
  known.learn({ actor, method, target }, answer)
  if (answer.status >= 300) return
  if (method === operation.method) onSuccess?.(answer)
  const [, token] =
    operation.operationId === 'tokens.refresh' ? (/"refresh_token":"([^"]+)"/.exec(answer.text) ?? []) : []
  if (token !== undefined) actors.keepRefresh(token)
}

const sendOne = async (wire: Wire, planned: Planned, shared: Shared): Promise<void> => {
  const { host, judge, actors, known, findings, coverage } = shared
  const { draft, actor } = planned
  const { bytes, target } = bytesOf(draft, { host, bearer: actors.bearerOf(actor), ids: known.ids })
  const { operationId } = draft.operation
  const find = (what: string, answer: string): void =>
    findings.add(what, { actor, request: shown(bytes), answer: answer.slice(0, SHOWN) })
  try {
    const answer = await wire.send(bytes, draft.method === 'HEAD')
    coverage.count(draft, answer.status)
    if (answer.status === 401 && answer.text.includes('"code":"invalid_')) actors.doubt(actor)
    const fault = judge({ method: draft.method, target }, answer)
    if (fault === undefined) learnFrom(shared, planned, target, answer)
    else find(fault, `${answer.status} ${answer.text}`)
  } catch (error) {
    const message = error instanceof Error ? error.message.replaceAll(/\d+/g, 'N') : 'failed'
    find(`${operationId}: ${message}`, String(error))
  }
}

/** Whose secret an operation does not change by chance. */
const KEPT: Readonly<Record<string, Actor>> = {
  'passwords.change': 'root',
  'refreshKeys.set': 'user',
  'refreshKeys.set.path': 'user',
  'tokens.regenerate': 'user',
  'tokens.regenerate.path': 'user',
}

/** Plans by chance, and by recipe where there is one that knows enough. */
const createPlanner = (
  { drafts, known, codeOf }: { drafts: Drafts; known: Knowledge; codeOf: FuzzOptions['codeOf'] },
  seed: number,
) => {
  const chance = createChance(seed)
  const recipeFor = createRecipes({ known, chance, codeOf })
  const byChance = (draft: Draft): Planned => {
    const actor = chance.pick(CALLERS)
    // Their password and their refresh key must stay what they are, for they sign in again by them.
    const isKept = KEPT[draft.operation.operationId] === actor
    return { draft, actor: isKept ? 'admin' : actor }
  }
  const byRecipe = (draft: Draft, isExact: boolean): Planned | undefined => {
    const recipe = recipeFor(draft.operation.operationId)
    if (recipe === undefined) return undefined
    const isChanged = !isExact && recipe.isFixed !== true && recipe.body !== undefined && chance.once(5)
    return {
      actor: recipe.actor,
      draft: drafts.cooked(draft.operation, recipe, isChanged),
      // What a changed one does is another thing than what it stands for.
      ...(isChanged || recipe.onSuccess === undefined ? {} : { onSuccess: recipe.onSuccess }),
    }
  }
  return {
    next: (): Planned => {
      const draft = drafts.next()
      return (chance.once(2) ? byRecipe(draft, false) : undefined) ?? byChance(draft)
    },
    /** What should make an operation succeed. */
    towards: (operation: Operation): Planned => {
      const draft = drafts.of(operation)
      return byRecipe(draft, true) ?? byChance(draft)
    },
  }
}

/**
 * Sends until every operation has succeeded, so that a short run shows as much as a long one; in vain at
 * last.
 */
const insist = async ({
  operations,
  plan,
  wire,
  shared,
}: {
  operations: readonly Operation[]
  plan: ReturnType<typeof createPlanner>
  wire: Wire
  shared: Shared
}): Promise<number> => {
  let sent = 0
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const missing = operations.filter(({ operationId }) => !shared.coverage.isDone(operationId))
    if (missing.length === 0) break
    for (const operation of missing) await sendOne(wire, plan.towards(operation), shared)
    // What they need: something that is there, and somebody who has a code.
    for (const operation of operations.filter(({ operationId }) => NEEDED.test(operationId)))
      await sendOne(wire, plan.towards(operation), shared)
    sent += missing.length
    await shared.actors.renew()
  }
  return sent
}

/**
 * Sends generated requests of every operation of the OpenAPI document to a daemon, as nobody, as every role
 * and with wrong tokens, and holds every answer against the document (H14). The daemon needs its rate limits
 * off. The same seed sends the same requests, but for what the answers of the run give.
 */
export const fuzz = async ({
  url,
  requests,
  seed,
  root,
  signInUser,
  codeOf,
  without = [],
  onProgress,
  onFinding,
}: FuzzOptions): Promise<Outcome> => {
  const api = createApi(url)
  const document = (await api.get('/openapi.json')).body as unknown as Document
  const operations = operationsOf(document).filter(({ operationId }) => !without.includes(operationId))
  const coverage = new Coverage(operations)
  const shared: Shared = {
    host: new URL(url).host,
    judge: createJudge(document),
    actors: await createActors(api, root, signInUser),
    known: new Knowledge(root.id),
    findings: new Findings(onFinding),
    coverage,
  }
  const drafts = createDrafts(operations, lookupIn(document), seed)
  const plan = createPlanner({ drafts, known: shared.known, codeOf }, seed)
  const wires = Array.from({ length: CONNECTIONS }, () => new Wire(url))
  const startedAt = performance.now()
  let sent = 0
  const progress = (): Progress => ({
    sent,
    seconds: (performance.now() - startedAt) / 1000,
    statuses: coverage.statuses(),
    findings: shared.findings.all.length,
  })
  while (sent < requests) {
    const size = Math.min(BATCH, requests - sent)
    let left = size
    await Promise.all(
      wires.map(async (wire) => {
        while (left-- > 0) await sendOne(wire, plan.next(), shared)
      }),
    )
    sent += size
    await shared.actors.renew({ all: sent % RENEWED_AFTER < BATCH })
    onProgress?.(progress())
  }
  const [wire = new Wire(url)] = wires
  const insisted = operations.filter(({ operationId }) => !DONE_BEFORE.includes(operationId))
  sent += await insist({ operations: insisted, plan, wire, shared })
  for (const each of wires) each.close()
  return { ...progress(), found: shared.findings.all, coverage }
}
