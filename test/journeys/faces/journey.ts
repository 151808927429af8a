import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from '@authctl/sdk'
import { PASSWORD } from '../../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../../support/in-process.ts'
import type { Face, Newcomer, Person } from './face.ts'

const PEOPLE = ['root', 'admin', 'client', 'subClient', 'user'] as const

/** Where the journeys through one face take place, one after the other. */
export interface Stage {
  readonly face: Face
  readonly daemon: TestDaemon
  readonly people: Readonly<Record<(typeof PEOPLE)[number], Person>>
  /** What the journeys so far have created. */
  readonly created: Record<'admin' | 'client' | 'subClient', Account>
  readonly close: () => Promise<void>
}

/** One step of the story, told to people and to all faces alike. It goes on where the one before stopped. */
export interface Journey {
  readonly tells: string
  /** Only for faces that have refresh keys. */
  readonly needsRefreshKeys?: true
  readonly run: (stage: Stage) => Promise<void>
}

/** A fresh daemon, and five people who come to it for the first time. */
export const openStage = async (face: Face): Promise<Stage> => {
  const daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  const people = Object.fromEntries(PEOPLE.map((name) => [name, face.person(daemon)])) as Record<
    (typeof PEOPLE)[number],
    Person
  >
  return {
    face,
    daemon,
    people,
    created: {} as Stage['created'],
    close: async () => {
      for (const person of Object.values(people)) person.close()
      await daemon.stop()
    },
  }
}

/** Somebody to create. */
export const newcomer = (username: string, more: Partial<Newcomer> = {}): Newcomer => ({
  name: username,
  username,
  password: PASSWORD,
  ...more,
})

/** Insists on the fields that are named; others may be there. */
export const shows: <T extends object>(actual: T, expected: object) => void = (actual, expected) =>
  assert.partialDeepStrictEqual(actual, expected)

/** Insists on a refusal with this code. */
export const refuses = (call: Promise<unknown>, code: string | RegExp): Promise<void> =>
  assert.rejects(call, { code })

/** A file of the examples. */
export const example = <T>(path: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../examples', path), 'utf8')) as T

/** Signs in with the code that is sent for it, or with what is made of that code. */
export const signInByPhone = async (
  { daemon }: Pick<Stage, 'daemon'>,
  person: Person,
  how: {
    number: string
    role?: 'admin' | 'client' | 'sub-client' | 'user'
    typed?: (code: string) => string
  },
): Promise<void> => {
  const { number, role = 'user', typed = (code) => code } = how
  // A number is sent one code a minute.
  daemon.clock.advance(61_000)
  const before = daemon.sms.messages.length
  await person.signInByPhone(role, number, async () => {
    for (let turn = 0; daemon.sms.messages.length === before && turn < 4000; turn++) await sleep(5)
    return typed(await daemon.sms.codeFor(number))
  })
}
