import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { SCHEMAS } from '../../policies/validate/index.ts'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
let repository: string
beforeAll(async () => {
  sandbox = createSandbox()
  repository = join(sandbox.directory, 'policies')
  expect(await run(['init', '--policies', 'policies'], sandbox.directory)).toMatchObject({ code: 0 })
})
afterAll(() => sandbox.remove())

const run = async (argv: readonly string[], cwd = repository): Promise<Outcome> =>
  await sandbox.run({ argv, cwd })

const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: repository,
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  })

const read = (name: string): string => readFileSync(join(repository, name), 'utf8')

interface Step {
  readonly run?: string
}

/** Whether a step is for the pipeline and not about policies: packages come from a registry there. */
const isOurs = (command: string): boolean => !command.startsWith('npm ')

const checkOfGitHub = (): string[] => {
  const workflow = parse(read('.github/workflows/policies.yml')) as {
    jobs: { check: { steps: readonly Step[] } }
  }
  return workflow.jobs.check.steps.flatMap(({ run: command }) => command ?? []).filter(isOurs)
}

const checkOfGitLab = (): string[] => {
  const pipeline = parse(read('.gitlab-ci.yml')) as { check: { script: readonly string[] } }
  return pipeline.check.script.filter(isOurs)
}

/** Runs the commands of a pipeline as its shell does, with the built command line as `authctl`. */
const runPipeline = (commands: readonly string[]): void => {
  const bin = join(sandbox.directory, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'authctl'), `#!/bin/sh\nexec node ${join(ROOT, 'dist/cli/bin.js')} "$@"\n`, {
    mode: 0o755,
  })
  const path = [bin, join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter)
  execFileSync('sh', ['-ec', commands.join('\n')], {
    cwd: repository,
    env: { ...process.env, PATH: path, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

test('CLI-C33: init --policies writes a repository whose lint is clean and whose tests pass, as a git repository', async () => {
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '.')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'Policies')
  expect(await run(['policies', 'lint'])).toMatchObject({ code: 0, stdout: '' })
  expect(await run(['policies', 'test', '--threshold', '100'])).toMatchObject({ code: 0, stdout: '' })
  expect(git('status', '--porcelain')).toBe('')
})

test('of the mistakes in its policies only those that mean the same go unnoticed', async () => {
  const { code, stderr } = await run(['policies', 'test', '--mutate', '--max-survivors', '3'])
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('3/15 mistakes would go unnoticed') as string,
  })
})

test('its pipelines run, and a policy that lets too much through stops them', () => {
  expect(checkOfGitHub().length).toBeGreaterThan(1)
  expect(checkOfGitLab().length).toBeGreaterThan(1)
  runPipeline([...checkOfGitHub(), ...checkOfGitLab()])
  expect(read('tests.xml')).toContain('failures="0"')
  rmSync(join(repository, 'tests.xml'))
  const file = 'documents/read-only.json'
  writeFileSync(join(repository, file), read(file).replace('"Deny"', '"Allow"'))
  try {
    expect(() => runPipeline(checkOfGitHub())).toThrow(/a trial gives nothing back|Command failed/)
  } finally {
    git('checkout', '--quiet', '--', file)
  }
})

test('its editor finds the schema of every kind of file, and it is that of this version', () => {
  const settings = JSON.parse(read('.vscode/settings.json')) as {
    'json.schemas': readonly { url: string }[]
    'yaml.schemas': Readonly<Record<string, string>>
  }
  const named = [...settings['json.schemas'].map(({ url }) => url), ...Object.keys(settings['yaml.schemas'])]
  expect(named.filter((path) => !existsSync(join(repository, path)))).toEqual([])
  for (const [name, schema] of Object.entries(SCHEMAS))
    expect(JSON.parse(read(`.vscode/schemas/${name}.schema.json`))).toEqual(
      JSON.parse(JSON.stringify(schema)),
    )
})

test('nothing is overwritten', async () => {
  const again = await run(['init', '--policies', 'policies'], sandbox.directory)
  expect(again).toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringMatching(/authctl\.json.*already; nothing was written/) as string,
  })
  mkdirSync(join(sandbox.directory, 'half'))
  writeFileSync(join(sandbox.directory, 'half/README.md'), 'mine')
  expect((await run(['init', '--policies', 'half'], sandbox.directory)).code).toBe(5)
  expect(existsSync(join(sandbox.directory, 'half/authctl.json'))).toBe(false)
})

const equiv = async (...argv: string[]): Promise<Outcome> => await run(['policies', 'equiv', ...argv])

test('equiv: what is written in another way is the same, and what is not has a request that shows it', async () => {
  const [clerk, cap] = ['documents/orders-clerk.json', 'documents/read-only.json']
  const original = { clerk: read(clerk), cap: read(cap) }
  try {
    expect(await equiv('main', '-o', 'name')).toMatchObject({ code: 0, stdout: 'EQUIVALENT\n' })
    // No list, and a pattern that another covers.
    writeFileSync(
      join(repository, clerk),
      original.clerk
        .replace('["orders:Read"]', '"orders:Read"')
        .replace(
          '["order/${principal.path}/*"]',
          '["order/${principal.path}/a/*", "order/${principal.path}/*"]',
        ),
    )
    expect(await equiv('main', '-o', 'name')).toMatchObject({ code: 0, stdout: 'EQUIVALENT\n' })
    writeFileSync(join(repository, clerk), original.clerk.replace('500', '501'))
    const wider = await equiv('main')
    expect(wider.code).toBe(1)
    expect(wider.stdout).toMatch(/^verdict\tDIFFERENT\nbecause\tonly by \. may .* do orders:Refund on /)
    writeFileSync(join(repository, clerk), original.clerk)
    writeFileSync(
      join(repository, cap),
      original.cap.replace('"orders:Refund", "Resource"', '"orders:Read", "Resource"'),
    )
    expect((await equiv('main')).stdout).not.toMatch(/EQUIVALENT/)
    expect((await equiv('nowhere')).code).toBe(64)
  } finally {
    git('checkout', '--quiet', '--', '.')
  }
})
