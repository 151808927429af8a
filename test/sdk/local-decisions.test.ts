import { expect, test } from 'vitest'
import { applySnapshot } from '../../sdk/local/snapshot.ts'
import {
  changedWorld,
  daemonAnswer,
  drawQuestion,
  drawWorld,
  handOut,
  lineageFor,
  wireOf,
  type Handout,
  type LocalWorld,
} from '../support/local-worlds.ts'
import { diceOf, type Dice } from '../policies/draws.ts'
import type { PolicyState } from '../../sdk/local/state.ts'

const QUESTIONS = Number(process.env['LOCAL_QUESTIONS'] ?? 2000)
const PER_WORLD = 40
const NOW = 1_767_268_800_000
const OWNERS = ['sa_1', 'adm_1', 'cli_1']

interface Tally {
  asked: number
  /** How often each answer was given. */
  readonly answers: Map<string, number>
}

/** Asks both sides the same questions about every account that the application may load. */
const compare = (
  world: LocalWorld,
  {
    state,
    handout,
    services,
  }: { state: PolicyState; handout: Handout; services: readonly string[] | undefined },
  { dice, tally }: { dice: Dice; tally: Tally },
): void => {
  for (let n = 0; n < PER_WORLD; n++) {
    const account = dice.pick(world.accounts)
    const lineage = lineageFor(world, handout, account)
    if (lineage === undefined) continue
    const question = drawQuestion(dice)
    const { decision, reason } = state.decide(lineage, { ...question, principal: account.id }, NOW)
    const isCovered = services === undefined || services.includes(question.action.split(':')[0] ?? '')
    const expected = isCovered
      ? daemonAnswer(world, account, { question, now: NOW })
      : { decision: 'DENY_IMPLICIT', reason: 'not_covered' }
    expect({ decision, reason }, JSON.stringify({ account: account.id, question })).toEqual(expected)
    tally.asked += 1
    const answer = reason ?? decision
    tally.answers.set(answer, (tally.answers.get(answer) ?? 0) + 1)
  }
}

test(
  'S25: the process decides as the daemon does, whatever the policies, and after each change of them',
  { timeout: 60_000 + QUESTIONS * 5 },
  async () => {
    const tally: Tally = { asked: 0, answers: new Map() }
    for (let seed = 1; tally.asked < QUESTIONS; seed++) {
      const dice = diceOf(seed)
      const ownerId = dice.pick(OWNERS)
      const services = dice.oneIn(3) ? ['orders'] : undefined
      const first = await drawWorld(seed)
      const handout = await handOut(first, ownerId, { services })
      const held = await applySnapshot(wireOf(handout), undefined)
      compare(first, { state: held.policies, handout, services }, { dice, tally })
      const second = await changedWorld(first, seed + 1)
      const next = await handOut(second, ownerId, { services, before: handout })
      const followed = await applySnapshot(wireOf(next, handout), held)
      compare(second, { state: followed.policies, handout: next, services }, { dice, tally })
      const whole = await applySnapshot(wireOf(next), undefined)
      expect(whole.state).toEqual(followed.state)
    }
    // Questions that all end alike would show nothing.
    for (const answer of [
      'ALLOW',
      'DENY_EXPLICIT',
      'DENY_IMPLICIT',
      'invalid_question',
      'unknown_action',
      'unknown_resource_type',
      'not_active',
    ])
      expect(tally.answers.get(answer) ?? 0, answer).toBeGreaterThan(QUESTIONS / 100)
  },
)
