import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildImage, whyNoImage, withImage, type ImageConfig } from './image/buildah.ts'
import { composeOptions } from './image/compose.ts'
import { startContainer, type Container, type ContainerOptions } from './image/container.ts'
import { ROOT } from './sources.ts'

const NAME = 'authctl:try'
const UID = 10001
const READY_MS = 60_000
/** How long what should end by itself may take on a machine that does much else meanwhile. */
const EXIT_MS = 60_000
/** Long enough for a probe to start on a busy machine. */
const DRAIN_MS = 15_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** What has ended already hides no error. */
const killIfThere = (container: Container): void => {
  try {
    container.signal('SIGKILL')
  } catch (error) {
    say(`it has ended: ${String(error)}`)
  }
}

/** The exit code of what should end by itself; what does not is killed, and said not to have ended. */
const endOf = async (container: Container): Promise<number | null> => {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    killIfThere(container)
  }, EXIT_MS)
  const code = await container.exited
  clearTimeout(timer)
  assert.ok(!isLate, `it has not ended within ${EXIT_MS / 1000} s:\n${container.output()}`)
  return code
}

const statusOf = (container: Container, field: string): string =>
  new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${container.pid}/status`, 'utf8'))?.[1] ??
  ''

const awaitHealthy = async (container: Container, { Healthcheck: { Test } }: ImageConfig): Promise<void> => {
  assert.equal(Test[0], 'CMD')
  const deadline = Date.now() + READY_MS
  for (;;) {
    const { status, stderr } = container.exec(Test.slice(1))
    if (status === 0) return
    assert.ok(Date.now() < deadline, `not healthy: ${stderr}\n${container.output()}`)
    await sleep(100)
  }
}

/**
 * By itself the image is in production and lacks what only its operator can give: it says all of it, and
 * leaves nothing behind.
 */
const tryRefusal = async (root: string, image: ImageConfig, data: string): Promise<void> => {
  const container = await startContainer(root, image, {
    environment: {},
    tmpfs: ['/tmp'],
    binds: { '/data': data },
  })
  assert.equal(await endOf(container), 1, container.output())
  for (const name of ['PUBLIC_URL', 'AUTHCTL_SECRET', 'REFRESH_KEY_SECRET', 'FAST2SMS_API_KEY'])
    assert.match(container.output(), new RegExp(name))
  assert.deepEqual(readdirSync(data), [])
  say('without settings it refuses production, with every reason, and writes nothing')
}

const requireConfined = (container: Container, data: string, uid: number): void => {
  assert.equal(statusOf(container, 'Uid'), [uid, uid, uid, uid].join('\t'))
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd'])
    assert.equal(Number(statusOf(container, set)), 0)
  assert.equal(statusOf(container, 'NoNewPrivs'), '1')
  assert.match(statusOf(container, 'NSpid'), /\t1$/)
  assert.match(container.exec(['touch', '/app/written']).stderr, /Read-only file system/)
  for (const file of readdirSync(data)) {
    const found = statSync(join(data, file))
    assert.deepEqual([found.uid, found.mode & 0o077], [uid, 0], file)
  }
}

const PASSWORD = randomBytes(18).toString('base64url')

const bootstrap = (container: Container, image: ImageConfig): string => {
  const input = ['--username', 'root.operator', '--password-stdin', '--json']
  const command = [...image.Entrypoint, 'bootstrap', ...input]
  const { status, stdout, stderr } = container.exec(command, PASSWORD)
  assert.equal(status, 0, stderr)
  return (JSON.parse(stdout) as { outcome: string }).outcome
}

const drain = async (container: Container, image: ImageConfig): Promise<void> => {
  container.signal(image.StopSignal)
  await sleep(DRAIN_MS / 6)
  const probe = `fetch('http://127.0.0.1:8000/readyz').then((r) => console.log(r.status))`
  const { stdout, stderr } = container.exec(['node', '-e', probe])
  assert.equal(stdout.trim(), '503', stderr)
  assert.equal(await endOf(container), 0, container.output())
}

/** Twice with the same volume, which `mount` prepares: the second start finds what the first has left. */
const startTwice = async (
  root: string,
  image: ImageConfig,
  { mount, ...options }: ContainerOptions & { mount: (volume: string) => void },
): Promise<void> => {
  const data = options.binds['/data'] ?? ''
  const uid = Number((options.user ?? image.User).split(':')[0])
  for (const outcome of ['created', 'exists']) {
    mount(data)
    const container = await startContainer(root, image, options)
    try {
      await awaitHealthy(container, image)
      requireConfined(container, data, uid)
      assert.equal(bootstrap(container, image), outcome)
      await drain(container, image)
    } catch (error) {
      say(container.output())
      killIfThere(container)
      throw error
    }
  }
  say(
    `as uid ${uid} on a read-only root without capabilities it is healthy, and ${image.StopSignal} drains it;`,
  )
  say('  the second start finds the super-admin of the first')
}

/** The options of the compose example, with a drain that is long enough to be seen. */
const optionsOf = (folder: string, user: string): ContainerOptions => {
  mkdirSync(folder)
  const text = readFileSync(join(ROOT, 'examples/compose/compose.yaml'), 'utf8')
  const secretOf = (): string => randomBytes(36).toString('base64')
  const { environment, ...options } = composeOptions(text, 'authctl', { folder, user, secretOf })
  return { ...options, environment: { ...environment, AUTHCTL_DRAIN_DELAY: String(DRAIN_MS) } }
}

const FS_GROUP = 20_000
/** No entry in the password file of the image. */
const POD_USER = '23456:0'

/** What Kubernetes does to a volume before each start of a pod with `fsGroup`. */
const giveToGroup = (volume: string): void => {
  chownSync(volume, 0, FS_GROUP)
  chmodSync(volume, 0o2775)
  for (const name of readdirSync(volume)) {
    const path = join(volume, name)
    const { uid, mode } = statSync(path)
    chownSync(path, uid, FS_GROUP)
    chmodSync(path, (mode & 0o777) | 0o660)
  }
}

const tryImage = async (root: string, image: ImageConfig): Promise<void> => {
  assert.equal(image.User, `${UID}:${UID}`)
  const folder = mkdtempSync(join(tmpdir(), 'authctl-image-'))
  try {
    const empty = join(folder, 'empty')
    mkdirSync(empty, { mode: 0o700 })
    chownSync(empty, UID, UID)
    await tryRefusal(root, image, empty)
    say('with the settings of the compose file:')
    const compose = optionsOf(join(folder, 'compose'), image.User)
    await startTwice(root, image, { ...compose, mount: () => undefined })
    say('as Kubernetes runs it, with fsGroup and a user that has no name:')
    const pod = { ...optionsOf(join(folder, 'pod'), POD_USER), user: POD_USER, groups: [FS_GROUP] }
    await startTwice(root, image, { ...pod, mount: giveToGroup })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const reason = whyNoImage()
if (reason === undefined) {
  buildImage(NAME)
  await withImage(NAME, tryImage)
} else say(`skipped: the image: ${reason}`)
