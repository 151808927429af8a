import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ScriptedServer, sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { readSource, ROOT } from '../support/source-files.ts'

const TEXTS = [
  '*.md',
  'docs/**/*.md',
  'examples/**/*',
  'sdk/*.md',
  'policies/*.md',
  '{daemon,cli,policies,scripts}/**/*.ts',
  'sdk/*.ts',
  'Dockerfile',
  'package.json',
]

/** Outside a checkout npx would fetch and run whatever the registry has under this name. */
const ASKS_REGISTRY = /\b(?:npx(?: -\S+)*|npm (?:exec|x|init|install -g|i -g)(?: --)?) authctl\b/

test('nothing that people read tells them to run authctl through npx', () => {
  const files = globSync(TEXTS, { cwd: ROOT, exclude: ['**/node_modules/**'] }).filter((file) =>
    /\.\w+$|Dockerfile/.test(file),
  )
  expect(files.length).toBeGreaterThan(300)
  expect(files.filter((file) => ASKS_REGISTRY.test(readSource(file)))).toEqual([])
  expect(
    ['npx authctl x', 'npx -y authctl', 'npm exec -- authctl'].every((text) => ASKS_REGISTRY.test(text)),
  ).toBe(true)
})

describe('before a release', () => {
  let registry: ScriptedServer
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'authctl-names-'))
    registry = await startScriptedServer()
    const { host } = new URL(registry.url)
    writeFileSync(join(folder, 'npmrc'), `registry=${registry.url}/\n//${host}/:_authToken=t\n`)
    writeFileSync(join(folder, 'nobody'), `registry=http://127.0.0.1:2/\n`)
    registry.react = ({ url }, response) => {
      if (url === '/-/whoami') return sendJson(response, 200, { username: 'us' })
      const owner = /^\/(ours|theirs)/.exec(url)?.[1]
      if (owner === undefined) return sendJson(response, 404, { error: 'Not found' })
      const maintainers = [{ name: owner === 'ours' ? 'us' : 'them', email: 'x@example.com' }]
      const version = { name: owner, version: '1.0.0', maintainers, dist: { tarball: '', shasum: '' } }
      const tags = { latest: '1.0.0' }
      sendJson(response, 200, { name: owner, 'dist-tags': tags, versions: { '1.0.0': version }, maintainers })
    }
  })
  afterAll(async () => {
    await registry.stop()
    rmSync(folder, { recursive: true })
  })

  const check = (names: readonly string[], config = 'npmrc'): Promise<{ code: number; stderr: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], HOME: folder, npm_config_userconfig: join(folder, config) }
      const script = join(ROOT, 'scripts/check-names.ts')
      execFile(process.execPath, [script, ...names], { cwd: folder, env }, (error, _stdout, stderr) =>
        resolve({ code: error === null ? 0 : 1, stderr }),
      )
    })

  test('a name that is free or ours passes', async () => {
    expect(await check(['free', '@free/sdk', 'ours'])).toEqual({ code: 0, stderr: '' })
  })

  test('a name of somebody else stops it', async () => {
    const { code, stderr } = await check(['free', 'theirs'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^theirs: the name belongs to them and not to us\. [^\n]+\n$/)
  })

  test('so does a registry that cannot be asked, and it says so', async () => {
    const { code, stderr } = await check(['free'], 'nobody')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^free: the registry cannot be asked whose name it is \(ECONNREFUSED: /)
  })

  test('every package that is published asks first', () => {
    for (const place of ['.', 'sdk']) {
      const { name, scripts } = JSON.parse(readSource(join(place, 'package.json'))) as {
        name: string
        scripts: Record<string, string>
      }
      expect(scripts['prepublishOnly']).toMatch(
        new RegExp(`^node (?:\\.\\./)?scripts/check-names\\.ts ${name}$`),
      )
    }
  })
})
