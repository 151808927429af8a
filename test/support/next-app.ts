import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { freePort } from '../../scripts/free-port.ts'
import { type Api, createApi } from './api.ts'
import type { Listener } from './listener.ts'
import { ROOT } from './source-files.ts'

const APPLICATION = join(ROOT, 'examples/next-app')
const START_MS = 60_000

interface Context {
  readonly params: Promise<{ id: string }>
}

/** What the files of the application export, as far as it is called here. */
interface Exports {
  readonly proxy: (request: Request) => Promise<Response | undefined>
  readonly GET: (request: Request, context: Context) => Promise<Response>
  readonly POST: (request: Request, context: Context) => Promise<Response>
}

/** Calls the proxy and the handlers of `examples/next-app` in the order and with the arguments of Next. */
export const nextListener = async (env: NodeJS.ProcessEnv): Promise<Listener> => {
  Object.assign(process.env, env)
  const load = async (file: string): Promise<Exports> => (await import(join(APPLICATION, file))) as Exports
  const [{ proxy }, { GET }, { POST }] = (await Promise.all(
    ['proxy.ts', 'app/api/me/route.ts', 'app/api/orders/[id]/refund/route.ts'].map(load),
  )) as [Exports, Exports, Exports]
  return getRequestListener(async (request) => {
    const { pathname } = new URL(request.url)
    const [, id = ''] = /^\/api\/orders\/([^/]+)\/refund$/.exec(pathname) ?? []
    const context = { params: Promise.resolve({ id }) }
    return (await proxy(request)) ?? (id === '' ? GET(request, context) : POST(request, context))
  })
}

/** Installs, builds and serves a copy of `examples/next-app` by Next itself. */
export const startNext = async (env: NodeJS.ProcessEnv): Promise<{ api: Api; close: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), 'authctl-next-'))
  cpSync(APPLICATION, folder, { recursive: true })
  const pack = execFileSync('npm', ['pack', './sdk', '--json', '--pack-destination', folder], { cwd: ROOT })
  const [{ filename }] = JSON.parse(String(pack)) as [{ filename: string }]
  const port = await freePort()
  const own = { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', PORT: String(port) } as const
  const options = { cwd: folder, env: { ...process.env, ...env, ...own } }
  execFileSync(
    'npm',
    ['install', '--prefer-offline', '--include=dev', '--no-audit', '--no-fund', filename],
    options,
  )
  execFileSync('node_modules/.bin/next', ['build'], options)
  const server = spawn('node_modules/.bin/next', ['start', '--hostname', '127.0.0.1'], options)
  const api = createApi(`http://127.0.0.1:${port}`)
  const deadline = Date.now() + START_MS
  while ((await api.get('/api/me').catch(() => undefined)) === undefined) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error('Next does not serve')
    await sleep(200)
  }
  return {
    api,
    close: () => {
      server.once('exit', () => rmSync(folder, { recursive: true, force: true }))
      server.kill()
    },
  }
}
