import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'

const IS_FULL = process.env['CONSUMERS'] === 'all'
const NODE = process.execPath

let home: string
let tarball: string
let application: string

/** What a command prints; throws with what it says if it fails. Nothing of this machine's set-up is read. */
const run = (cwd: string, command: string, ...args: string[]): string => {
  const env = { PATH: `${dirname(NODE)}:${process.env['PATH']}`, HOME: home, DENO_DIR: join(home, 'deno') }
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error })
  }
}

/** An application of its own, into which the package is not installed yet. */
const copyApplication = (name: string): string => {
  const folder = join(home, name)
  cpSync(join(ROOT, 'test/consumers'), folder, { recursive: true })
  return folder
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'authctl-consumers-'))
  const pack = ['pack', './sdk', '--json', '--pack-destination', home]
  const [packed] = JSON.parse(run(ROOT, 'npm', ...pack)) as [{ filename: string }]
  tarball = join(home, packed.filename)
  application = copyApplication('npm')
  // Without a network: the package brings everything that it needs.
  run(application, 'npm', 'install', '--offline', '--no-audit', '--no-fund', tarball)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

test('S4: an application installs the tarball without a network, and every door loads by import and by require', () => {
  expect(run(application, NODE, 'main.mjs')).toBe('ok\n')
  expect(run(application, NODE, 'main.cjs')).toBe('ok\n')
})

describe('S3: TypeScript', () => {
  const require = createRequire(join(ROOT, 'package.json'))
  /** The 5 is the one that attw judges packages by. */
  const compilers: Readonly<Record<string, string>> = {
    7: join(ROOT, 'node_modules/typescript'),
    5: join(dirname(createRequire(require.resolve('@arethetypeswrong/core')).resolve('typescript')), '..'),
  }
  const SHORT = ['7 node16', '7 nodenext', '7 bundler', '7 guards', '5 node16']
  const FULL = [...SHORT, '5 nodenext', '5 bundler']

  beforeAll(() => {
    for (const name of ['client', 'page'])
      cpSync(join(application, `types/${name}.mts`), join(application, `types/${name}.cts`))
    mkdirSync(join(application, 'node_modules/@types'))
    for (const name of ['express', 'fastify', 'hono', '@types/express', '@types/node'])
      symlinkSync(join(ROOT, 'node_modules', name), join(application, 'node_modules', name))
  })

  test.each(IS_FULL ? FULL : SHORT)(
    '%s: a strict application compiles, and so does what it imports',
    (what) => {
      const [version = '', project = ''] = what.split(' ')
      const compiler = compilers[version] ?? ''
      const { version: found } = require(join(compiler, 'package.json')) as { version: string }
      expect(found).toMatch(new RegExp(`^${version}\\.`))
      run(application, NODE, join(compiler, 'bin/tsc'), '-p', `types/tsconfig.${project}.json`)
    },
  )
})

describe('S1: a bundle of an application', () => {
  const WEB = {
    Headers,
    AbortController,
    Response,
    Request,
    TextEncoder,
    TextDecoder,
    URL,
    atob,
    btoa,
    crypto,
  }
  const TIMERS = { setTimeout, clearTimeout, queueMicrotask }

  /** Bundles as for a platform without Node, and runs the bundle where nothing of Node is. */
  const runBundle = async (file: string, conditions: string[], globals: object): Promise<unknown> => {
    const { outputFiles } = await build({
      entryPoints: [join(application, 'bundles', file)],
      bundle: true,
      minify: true,
      format: 'iife',
      platform: 'browser',
      conditions,
      write: false,
      logLevel: 'silent',
    })
    const context = createContext({ ...WEB, ...TIMERS, ...globals })
    runInContext(outputFiles[0]?.text ?? '', context)
    return await (runInContext('result', context) as Promise<unknown>)
  }

  test('runs in a browser', async () => {
    const fetch = async () => new Response('{"status":"running"}')
    expect(await runBundle('browser.js', ['browser'], { fetch, baseUrl: 'http://x' })).toBe('running')
  })

  test('runs in an edge worker', async () => {
    expect(await runBundle('edge.js', ['worker', 'edge-light'], {})).toBe('user')
  })
})

describe('S24: the tarball by other package managers, and in other runtimes', () => {
  if (!IS_FULL) {
    test('needs them', (context) =>
      context.skip('CONSUMERS=all fetches pnpm, yarn, bun and deno and tries them'))
    return
  }
  const CACHE = join(ROOT, 'node_modules/.cache/authctl/package-managers')
  const binary = (path: string): string => {
    const file = join(CACHE, 'node_modules', path)
    if (!existsSync(file)) throw new Error(`there is no ${path} for this machine`)
    return file
  }
  beforeAll(() => {
    mkdirSync(CACHE, { recursive: true })
    const names = ['pnpm@12.4.2', 'yarn@1', 'bun@1', 'deno@2']
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--no-save']
    execFileSync('npm', ['install', '--prefix', CACHE, ...options, ...names], { stdio: 'pipe' })
  }, 300_000)

  const INSTALLERS: Readonly<Record<string, () => [command: string, ...args: string[]]>> = {
    pnpm: () => [binary('.bin/pnpm'), 'add', '--offline', '--store-dir', join(home, 'store'), tarball],
    yarn: () => [binary('.bin/yarn'), 'add', '--offline', `file:${tarball}`],
  }
  test.each(Object.entries(INSTALLERS))('%s installs it', (name, command) => {
    const folder = copyApplication(name)
    run(folder, ...command())
    for (const main of ['main.mjs', 'main.cjs']) expect(run(folder, NODE, main)).toBe('ok\n')
  })

  test('Bun installs it and runs it', () => {
    const [folder, bun] = [copyApplication('bun'), binary(`@oven/bun-linux-${process.arch}/bin/bun`)]
    run(folder, bun, 'add', tarball)
    for (const main of ['main.mjs', 'main.cjs']) expect(run(folder, bun, main)).toBe('ok\n')
  })

  test('Deno runs it, by import without any permission', () => {
    const deno = [binary('.bin/deno'), 'run', '--no-remote', '--node-modules-dir=manual'] as const
    expect(run(application, ...deno, 'main.mjs')).toBe('ok\n')
    // Its `require` looks for files all over the disk.
    expect(run(application, ...deno, '--allow-all', 'main.cjs')).toBe('ok\n')
  })
})
