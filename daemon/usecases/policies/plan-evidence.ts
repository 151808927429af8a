import type { Plan, PlanOrder } from '../../../policies/plan/index.ts'
import { canonicalJson, canonicalMembers } from '../../../policies/index.ts'
import type { SetFile } from '../../../policies/set/index.ts'
import { Failure } from '../../domain/failure.ts'
import type { Vault } from '../../ports/crypto.ts'
import { createBreather, inTurns } from '../breather.ts'

type Unsigned = Omit<Plan, 'signature'>

/** How long a plan may be applied: a review takes days. */
export const PLAN_LIFE_MS = 7 * 24 * 60 * 60 * 1000

/** So few values are written at once, at any depth. */
const VALUES_A_PIECE = 100
/** So many characters are signed at once. */
const PIECE = 16_384

const isSmall = (value: unknown, room = { left: VALUES_A_PIECE }): boolean => {
  if (--room.left < 0) return false
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every((each) => isSmall(each, room))
}

/** What `canonicalJson` answers, in short pieces: what is sent may be large at any depth. */
function* writeOrdered(value: unknown): Generator<string, undefined, undefined> {
  if (typeof value !== 'object' || value === null || isSmall(value)) {
    yield canonicalJson(value)
    return undefined
  }
  const isList = Array.isArray(value)
  const entries = isList ? value.map((each: unknown) => ['', each] as const) : canonicalMembers(value)
  yield isList ? '[' : '{'
  for (const [at, [key, each]] of entries.entries()) {
    yield `${at > 0 ? ',' : ''}${isList ? '' : `${JSON.stringify(key)}:`}`
    yield* writeOrdered(each)
  }
  yield isList ? ']' : '}'
  return undefined
}

/** A text that no other value has, in pieces; others are served between two. */
async function* textOf(value: unknown): AsyncGenerator<string, undefined, undefined> {
  const breathe = createBreather()
  let text = ''
  for (const piece of writeOrdered(value)) {
    text += piece
    if (text.length < PIECE) continue
    yield text
    text = ''
    await breathe()
  }
  yield text
  return undefined
}

/** Signs a plan by the key of this server for plans. */
export const signPlan = async (vault: Pick<Vault, 'planMac'>, plan: Unsigned): Promise<Plan> => ({
  ...plan,
  signature: await vault.planMac(textOf(plan)),
})

/** The files of a plan as it names them. */
export const fingerprints = async (
  vault: Pick<Vault, 'digest'>,
  files: readonly SetFile[],
): Promise<Plan['files']> =>
  (await inTurns(files, ({ path, text }) => ({ path, hash: vault.digest(text) }))).toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  )

const refuse = (detail: string, pointer = '/plan'): never => {
  const hint = 'Make a new plan.'
  throw new Failure('plan_invalid', {
    detail: `${detail} ${hint}`,
    errors: [{ pointer, code: 'plan_invalid', detail }],
  })
}

const joined = async (pieces: AsyncIterable<string>): Promise<string> => {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

const isSame = async (one: unknown, other: unknown): Promise<boolean> =>
  (await joined(textOf(one))) === (await joined(textOf(other)))

/** What the plan and the request say otherwise, by the name of the wire; undefined: nothing. */
const differing = async (plan: PlanOrder, order: PlanOrder): Promise<string | undefined> => {
  for (const [name, value] of Object.entries(order))
    if (!(await isSame(plan[name as keyof PlanOrder], value))) return name
  return undefined
}

const differingFiles = (plan: Plan['files'], files: Plan['files']): string[] => {
  const planned = new Map(plan.map(({ path, hash: content }) => [path, content]))
  const sent = new Map(files.map(({ path, hash: content }) => [path, content]))
  return [...new Set([...planned.keys(), ...sent.keys()])].filter((path) => {
    const [before, after] = [planned.get(path), sent.get(path)]
    return before !== after
  })
}

/**
 * A plan as it was sent, when this server made it, and not too long ago. Nothing of it is looked at before
 * the signature. Throws `plan_invalid`.
 */
export const requireSigned = async (
  vault: Pick<Vault, 'isPlanMac'>,
  sent: Readonly<Record<string, unknown>>,
  now: number,
): Promise<Plan> => {
  const { signature, ...rest } = sent
  if (typeof signature !== 'string' || !(await vault.isPlanMac(signature, textOf(rest))))
    return refuse('This server has not signed the plan as it is: it was changed, or is of another server.')
  const plan = sent as unknown as Plan
  if (Date.parse(plan.expires_at) <= now) return refuse(`The plan expired at ${plan.expires_at}.`)
  return plan
}

/** The same, of a plan about these files and options. Throws `plan_invalid`. */
export const requireEvidence = async (
  vault: Pick<Vault, 'isPlanMac' | 'digest'>,
  sent: Readonly<Record<string, unknown>>,
  { order, files, now }: { order: PlanOrder; files: readonly SetFile[]; now: number },
): Promise<Plan> => {
  const plan = await requireSigned(vault, sent, now)
  const option = await differing(plan.order, order)
  if (option !== undefined) return refuse(`The plan was made with another ${option}.`, `/${option}`)
  const [file] = differingFiles(plan.files, await fingerprints(vault, files))
  if (file !== undefined) return refuse(`${file} is not what it was when the plan was made.`, `/files`)
  return plan
}
