import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { OPERATIONS } from '../../cli/operations.ts'
import type { Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { ROOT, readSource, sourceFiles } from '../support/source-files.ts'

const manifest = JSON.parse(readFileSync(`${ROOT}oclif.manifest.json`, 'utf8')) as {
  readonly commands: Readonly<Record<string, unknown>>
}
const commands = new Set(Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' ')))
const rows = Object.entries(OPERATIONS)

test('every operation has a command, or a reason for having none; no row is of another', () => {
  expect(Object.keys(OPERATIONS).sort()).toEqual(Object.keys(routes).sort())
  for (const [operation, use] of rows)
    expect(use.commands.length > 0 || (use.reason ?? '').length > 10, operation).toBe(true)
})

test('every command of a row is there', () => {
  expect(rows.flatMap(([, use]) => use.commands.filter((command) => !commands.has(command)))).toEqual([])
})

/** Commands that work on the host or on files, or whose calls the rows name at another command. */
const WITHOUT_ROW: readonly string[] = [
  'backup',
  'complete',
  'completion',
  'config print',
  'context add',
  'context list',
  'context remove',
  'context use',
  'init',
  'otp tail',
  'policies equiv',
  'policies explain',
  'policies export',
  'policies fmt',
  'policies lint',
  'policies schema',
  'policies simplify',
  'policies validate',
  'restore',
  'sms budget',
  'start',
  'storage migrate',
  'superadmins recover',
]

test('every other command works without an operation of its own', () => {
  const named = new Set(rows.flatMap(([, use]) => use.commands))
  expect([...commands].filter((command) => !named.has(command)).sort()).toEqual(WITHOUT_ROW)
})

test('an operation with a command is called by the command line', () => {
  const text = sourceFiles('cli').map(readSource).join('\n')
  const uncalled = rows
    .filter(([, use]) => use.commands.length > 0)
    .map(([operation]) => operation)
    // These are asked for without the SDK, which a probe has no use for.
    .filter((operation) => !/^(?:system\.|keys\.jwks$)/.test(operation))
    .filter((operation) => {
      const [resource = '', method = ''] = operation.split('.')
      return !new RegExp(`\\b${resource}\\s*\\.${method}\\(`).test(text)
    })
  // It is taken out of its resource first.
  expect(uncalled.filter((operation) => !operation.startsWith('attachments.'))).toEqual([])
})

/** POST that asks: the answer is all that comes of it. Signing in and out says so in its own words. */
const ASKS = /^(?:oauth\.introspect|policies\.(?:plan|replay)|(?:access|authzen)\.\w+)$/
const SIGNS_IN =
  /^(?:otp\.send|\w+\.login|superadmins\.bootstrap|tokens\.\w+|refreshKeys\.set|auth\.logout|oauth\.token|oauth\.revoke|oauth\.authorizeDevice)$/

test('CLI-C14: every command that changes something is known to, but for signing in and out', () => {
  const changing = Object.values<Route>(routes)
    .filter(({ method, operationId }) => method !== 'GET' && !ASKS.test(operationId))
    .map(({ operationId }) => operationId)
    .filter((operation) => !SIGNS_IN.test(operation) && OPERATIONS[operation]?.reason === undefined)
  expect(rows.flatMap(([operation, { changes }]) => (changes ? [operation] : [])).sort()).toEqual(
    changing.sort(),
  )
})
