import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../sources.ts'

const BASE = 'docker.io/library/node:24-slim'
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const TOOLS = ['buildah', 'debootstrap', 'unshare', 'nsenter', 'ip']

/**
 * Kept between runs: the packages of the base, and the base itself. No store of the user's own images is
 * touched.
 */
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'authctl-image')

const run = (command: string, args: readonly string[], output: 'pipe' | 'inherit' = 'pipe'): string =>
  execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', output, 'inherit'] }) ?? ''

const buildah = (args: readonly string[], output: 'pipe' | 'inherit' = 'pipe'): string =>
  run(
    'buildah',
    [`--root=${CACHE}/storage`, `--runroot=${CACHE}/run`, '--storage-driver=vfs', ...args],
    output,
  ).trim()

/** Why an image cannot be built here; undefined if it can. */
export const whyNoImage = (): string | undefined => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'building the image without a daemon needs root on Linux'
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
  return missing.length === 0
    ? undefined
    : `${missing.join(' and ')} missing; try: apt-get install buildah debootstrap iproute2`
}

const NODE = join(ROOT, 'node_modules/node/bin/node')

const hasBase = (label: string): boolean =>
  buildah(['images', '--quiet', '--filter', `label=${label}`]) !== ''

/**
 * A stand-in for the base that the Dockerfile names, with the Node of the lockfile; made once for each
 * version.
 */
const prepareBase = (): void => {
  // Where npm itself is; its folder of global packages follows the Node that runs it, and may not be there.
  const cli = process.env['npm_execpath'] ?? run('sh', ['-c', 'command -v npm']).trim()
  const npm = join(realpathSync(cli), '../..')
  const label = `authctl.base=${run(NODE, ['--version']).trim()}`
  if (hasBase(label)) return
  const folder = join(CACHE, 'base')
  rmSync(folder, { recursive: true, force: true })
  try {
    run('sh', [join(ROOT, 'scripts/image/base.sh'), folder, join(CACHE, 'debs'), NODE, npm])
    const container = buildah(['from', 'scratch'])
    buildah(['copy', '--quiet', container, folder, '/'])
    buildah(['config', '--cmd', 'node', '--label', label, container])
    buildah([
      'config',
      '--env',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      container,
    ])
    buildah(['commit', '--quiet', '--format=docker', '--rm', container, BASE])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * What lets npm reach its registry from within the build, and use what it has fetched before; none of it
 * becomes part of the image.
 */
const npmMounts = (): string[] => {
  const npmrc = join(CACHE, 'npmrc')
  const registry = run('npm', ['config', 'get', 'registry', '--workspaces=false']).trim()
  const certificates = existsSync(CERTIFICATES) ? `cafile=${CERTIFICATES}\n` : ''
  writeFileSync(npmrc, `registry=${registry}\nprefer-offline=true\nupdate-notifier=false\n${certificates}`)
  const cache = run('npm', ['config', 'get', 'cache', '--workspaces=false']).trim()
  mkdirSync(cache, { recursive: true })
  return [
    `--volume=${npmrc}:/root/.npmrc:ro`,
    `--volume=${cache}:/root/.npm`,
    ...(certificates === '' ? [] : [`--volume=${CERTIFICATES}:${CERTIFICATES}:ro`]),
  ]
}

/** Builds the Dockerfile as it is, in docker format so that HEALTHCHECK is kept. */
export const buildImage = (name: string): void => {
  mkdirSync(CACHE, { recursive: true, mode: 0o700 })
  chmodSync(CACHE, 0o700)
  prepareBase()
  buildah(
    ['build', '--isolation=chroot', '--format=docker', '--pull-never', ...npmMounts(), `--tag=${name}`, ROOT],
    'inherit',
  )
}

/** How an image says that it is to be run. */
export interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly WorkingDir: string
  readonly StopSignal: NodeJS.Signals
  readonly Volumes: Readonly<Record<string, object>>
  readonly Healthcheck: { readonly Test: readonly string[] }
}

/**
 * An image's files on disk, and its configuration, for as long as `work` takes; then the image is removed.
 */
export const withImage = async (
  name: string,
  work: (root: string, config: ImageConfig) => Promise<void>,
): Promise<void> => {
  const container = buildah(['from', '--pull-never', name])
  try {
    const { Docker } = JSON.parse(buildah(['inspect', '--type=image', name])) as {
      Docker: { config: ImageConfig }
    }
    await work(buildah(['mount', container]), Docker.config)
  } finally {
    buildah(['rm', container])
    buildah(['rmi', name])
  }
}
