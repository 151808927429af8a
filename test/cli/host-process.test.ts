import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSource, ROOT } from '../support/source-files.ts'
import { BIN } from './spawn-cli.ts'

const oldest = (JSON.parse(readSource('package.json')) as { engines: { node: string } }).engines.node.replace(
  '>=',
  '',
)

/** Node with another version number; what it can parse stays the same. */
const pretend = (version: string) => {
  const script = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
  return spawnSync(process.execPath, ['--import', `data:text/javascript,${script}`, BIN, '--version'], {
    encoding: 'utf8',
  })
}

test.each(['12.22.12', '18.20.8', '20.19.0', '22.15.1'])(
  'Node %s is told that it is too old, in one line',
  (version) => {
    const { status, stdout, stderr } = pretend(version)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(
      new RegExp(
        `^authctl needs Node ${oldest} or newer, and \\S+ is ${version}: see https://nodejs.org\\n$`,
      ),
    )
  },
)

test.each([oldest, '24.0.0', '100.0.0'])('Node %s is new enough', (version) => {
  expect(pretend(`${version}${'.0'.repeat(3 - version.split('.').length)}`)).toMatchObject({
    status: 0,
    stderr: '',
  })
})

test('an old Node can parse what tells it so', () => {
  const text = readSource('dist/cli/bin.js')
  expect(text).not.toMatch(/^\s*(?:import\b(?!\()|export\b)|\bawait\b|\?\?|\?\.|#[a-z]/m)
  expect(text).toContain('import("')
})

const INSTALLED = '/usr/bin/node'
const isOld =
  existsSync(INSTALLED) && /^v(1\d|20)\./.test(spawnSync(INSTALLED, ['--version']).stdout.toString())

test.runIf(isOld)('the old Node of this machine tells it really', () => {
  const { status, stderr } = spawnSync(INSTALLED, [BIN, 'start'], { encoding: 'utf8', cwd: ROOT })
  expect(status).toBe(1)
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^authctl needs Node/)])
})
