import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../sources.ts'
import type { ImageConfig } from './buildah.ts'

/** What a container is given beside its image. */
export interface ContainerOptions {
  readonly environment: Readonly<Record<string, string>>
  readonly tmpfs: readonly string[]
  /** Paths of the host by the paths in the container. */
  readonly binds: Readonly<Record<string, string>>
  /** `UID:GID` instead of the image's. */
  readonly user?: string
  /** Groups beside the user's own. */
  readonly groups?: readonly number[]
}

/** A running container, on a network of its own where nothing but loopback exists. */
export interface Container {
  /** The process of its command, as the host numbers it. */
  readonly pid: number
  /** What it has printed, stdout and stderr together. */
  readonly output: () => string
  /** Runs a command in it with its user and environment, as `docker exec` does. */
  readonly exec: (command: readonly string[], input?: string) => SpawnSyncReturns<string>
  /** Resolves with its exit code, or null if a signal ended it. */
  readonly exited: Promise<number | null>
  readonly signal: (name: NodeJS.Signals) => void
}

const NEW_NAMESPACES = ['--mount', '--pid', '--net', '--fork', '--kill-child']
const FIRST_PROCESS = join(ROOT, 'scripts/image/container.sh')
const FIRST_PROCESS_MS = 5000

/**
 * What `unshare` says, and ends with 1, where its child was killed: it would die by the signal that its child
 * died by, and asks first that it does, which is refused for SIGKILL.
 */
const CHILD_WAS_KILLED = /^unshare: sigprocmask unblock failed/m

/** The one child of `unshare`: the first process of the container. */
const firstChild = async (pid: number): Promise<number> => {
  for (let waited = 0; waited < FIRST_PROCESS_MS; waited += 10) {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    if (child !== undefined && child !== '') return Number(child)
    await sleep(10)
  }
  throw new Error('the container did not start')
}

/** What makes a command of root one of the container's user, without any privilege. */
const withoutPrivilege = (user: string, groups: readonly number[]): string[] => {
  const [uid, gid] = user.split(':')
  const beside = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`
  const nothing = ['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs']
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, beside, ...nothing]
}

/** The environment that an image sets, with that of its operator on top. There is no HOME and no SHELL. */
const environmentOf = ({ Env }: ImageConfig, { environment }: ContainerOptions): Record<string, string> => ({
  ...Object.fromEntries(
    Env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  ),
  ...environment,
})

/** Starts an image's command: read-only, without capabilities, as the image's user and as process 1. */
export const startContainer = async (
  root: string,
  image: ImageConfig,
  options: ContainerOptions,
): Promise<Container> => {
  const env = environmentOf(image, options)
  const mounts = [
    ...options.tmpfs.map((path) => `tmpfs ${path}`),
    ...Object.entries(options.binds).map(([path, source]) => `bind ${source} ${path}`),
  ].join('\n')
  const become = withoutPrivilege(options.user ?? image.User, options.groups ?? [])
  const described = [root, image.WorkingDir, mounts, ...become, ...image.Entrypoint, ...image.Cmd]
  const child = spawn('unshare', [...NEW_NAMESPACES, 'sh', FIRST_PROCESS, ...described], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void (printed += chunk.toString('utf8')))
  const exited = once(child, 'close').then(() =>
    child.exitCode === 1 && CHILD_WAS_KILLED.test(printed) ? null : child.exitCode,
  )
  const pid = await firstChild(child.pid ?? 0)
  const inside = [`--target=${pid}`, '--mount', '--pid', '--net', '--root', '--wd', ...become]
  return {
    pid,
    output: () => printed,
    exec: (command, input = '') =>
      spawnSync('nsenter', [...inside, ...command], { env, input, encoding: 'utf8' }),
    exited,
    signal: (name) => void process.kill(pid, name),
  }
}
