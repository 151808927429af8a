import { execFile } from 'node:child_process'
import { argv, env } from 'node:process'
import { promisify } from 'node:util'
import { ROOT } from './sources.ts'

const execute = promisify(execFile)
/** One try, so that a registry out of reach is told at once. */
const IMPATIENT = ['--fetch-retries=0', '--fetch-timeout=10000']

interface NpmFailure {
  readonly code: string
  readonly summary: string
}

/** What npm prints as JSON; what it could not do, by npm's own code. */
const npm = async (...args: string[]): Promise<{ value: unknown } | { failure: NpmFailure }> => {
  try {
    const { stdout } = await execute('npm', [...args, '--json', ...IMPATIENT], { cwd: ROOT, env })
    return { value: JSON.parse(stdout) as unknown }
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string }
    const { error: failure } = JSON.parse(stdout === '' ? '{}' : stdout) as { error?: NpmFailure }
    return { failure: failure ?? { code: 'unknown', summary: 'npm gives no reason' } }
  }
}

/** Why a package must not be published under this name; undefined if it is free or ours. */
const refuse = async (name: string): Promise<string | undefined> => {
  const found = await npm('view', name, 'maintainers')
  if ('failure' in found) {
    if (found.failure.code === 'E404') return undefined
    return `${name}: the registry cannot be asked whose name it is (${found.failure.code}: ${found.failure.summary}). A release needs it: repeat when it answers.`
  }
  const me = await npm('whoami')
  if ('failure' in me)
    return `${name}: the name is taken, and npm does not know who you are: sign in with npm login.`
  const owners = [found.value].flat().map((owner) => String(owner).split(' ')[0])
  return owners.includes(String(me.value))
    ? undefined
    : `${name}: the name belongs to ${owners.join(', ')} and not to ${String(me.value)}. Publish under another name, or as an owner.`
}

// Before every release: everybody who types `npx NAME` runs what the owner of that name has published.
const problems = (await Promise.all(argv.slice(2).map(refuse))).filter((problem) => problem !== undefined)
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
