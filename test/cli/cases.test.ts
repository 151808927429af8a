import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Case, CASES } from './cases.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeAll(() => {
  sandbox = createSandbox()
})
afterAll(() => sandbox.remove())

const expectText = (text: string, pattern: RegExp | '' | undefined): void => {
  if (pattern === '') expect(text).toBe('')
  else if (pattern !== undefined) expect(text).toMatch(pattern)
}

const isText = (stdin: Case['stdin']): stdin is { readonly text: string } =>
  typeof stdin === 'object' && 'text' in stdin

/**
 * In this process where that shows the same, as a process where descriptors or Node itself are what the row
 * is about.
 */
const runCase = async ({ argv, env = {}, stdin, stdoutFile, asProcess }: Case): Promise<Outcome> => {
  if (asProcess === true || stdoutFile !== undefined || (stdin !== undefined && !isText(stdin)))
    return await sandbox.spawn({
      argv,
      env,
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdoutFile === undefined ? {} : { stdoutFile }),
    })
  return await sandbox.run({ argv, env, ...(stdin === undefined ? {} : { stdin }) })
}

describe('the built command line', () => {
  test.each(CASES)('$name', async (row) => {
    const { code, stdout, stderr, notStderr, isJson } = row
    const outcome = await runCase(row)
    expect(outcome).toMatchObject({ code })
    expectText(outcome.stdout, stdout)
    expectText(outcome.stderr, stderr)
    if (isJson === true) expect(() => JSON.parse(outcome.stdout) as unknown).not.toThrow()
    if (notStderr !== undefined) expect(outcome.stderr).not.toMatch(notStderr)
  })
})
