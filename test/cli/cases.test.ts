import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CASES } from './cases.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeAll(() => {
  sandbox = createSandbox()
})
afterAll(() => sandbox.remove())

const expectText = (text: string, pattern: RegExp | '' | undefined): void => {
  if (pattern === '') expect(text).toBe('')
  else if (pattern !== undefined) expect(text).toMatch(pattern)
}

describe.concurrent('the built command line', () => {
  test.each(CASES)('$name', async ({ code, stdout, stderr, notStderr, isJson, ...invocation }) => {
    const outcome = await sandbox.run(invocation)
    expect(outcome).toMatchObject({ code })
    expectText(outcome.stdout, stdout)
    expectText(outcome.stderr, stderr)
    if (isJson === true) expect(() => JSON.parse(outcome.stdout) as unknown).not.toThrow()
    if (notStderr !== undefined) expect(outcome.stderr).not.toMatch(notStderr)
  })
})
