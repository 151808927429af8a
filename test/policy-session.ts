import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFamily, PASSWORD } from './support/accounts.ts'
import { createApi } from './support/api.ts'
import { startDaemon } from './support/running-daemon.ts'
import { ROOT } from './support/source-files.ts'

/** How the session is shown: on a terminal of 80 columns with colours and without, and piped. */
const MODES = ['colour', 'plain', 'piped'] as const
type Mode = (typeof MODES)[number]

const AUTHCTL = join(ROOT, 'dist/cli/bin.js')
const ORDER = 'order/$acme/$shop/7'

/** A step of the session: what is done out of sight before it, and what is typed. */
interface Step {
  readonly tells: string
  readonly before?: (folder: string) => void
  readonly type: string
}

const edit =
  (path: string, from: string, to: string) =>
  (folder: string): void => {
    const file = join(folder, path)
    const text = readFileSync(file, 'utf8')
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
    writeFileSync(file, text.replaceAll(from, to))
  }

const CLERK = 'shop/documents/orders-clerk.json'
const commit = (message: string): string => `git add . && git commit -qm '${message}'`

const STEPS: readonly Step[] = [
  { tells: 'A repository of policies', type: 'authctl init --policies shop' },
  {
    tells: 'It is checked and tested offline',
    type: 'authctl policies lint shop && authctl policies test shop',
  },
  {
    tells: 'What applying it would do',
    type: `cd shop && git init -qb main && ${commit('policies')} && cd .. && authctl policies plan shop`,
  },
  { tells: 'Applied in one step', type: 'authctl policies apply shop --yes' },
  { tells: 'And again: nothing to do', type: 'authctl policies plan shop' },
  { tells: 'Who may', type: `authctl access who-can orders:Refund ${ORDER} --context orders.total=400` },
  {
    tells: 'Why somebody may not',
    type: `authctl access explain orders:Refund ${ORDER} --principal $shop --context orders.total=600`,
  },
  {
    tells: 'The bound is raised without a thought for the tests',
    before: edit(CLERK, '500', '800'),
    type: 'authctl policies test shop',
  },
  { tells: 'What that would do', type: 'authctl policies plan shop --max-gain 0' },
  {
    tells: 'Is it proved to give nothing new?',
    type: 'authctl policies plan shop --no-new-access --against HEAD',
  },
  {
    tells: 'A mistake in a file',
    before: edit(CLERK, 'orders:Refund', 'orders:Refnd'),
    type: 'authctl policies plan shop',
  },
  {
    tells: 'Somebody has changed the server by hand',
    before: (folder) => {
      edit(CLERK, 'orders:Refnd', 'orders:Refund')(folder)
      const clerk = readFileSync(join(folder, 'shop/documents/read-only.json'), 'utf8')
      writeFileSync(join(folder, 'by-hand.json'), clerk.replace('NoRefunds', 'MoneyStays'))
    },
    type: 'authctl policies put by-hand.json >/dev/null && authctl policies status shop --fail-on there',
  },
  { tells: 'What the plan says of it', type: 'authctl policies plan shop' },
  { tells: 'The history', type: 'authctl policies history' },
  { tells: 'Back to before', type: 'authctl policies rollback --yes' },
  { tells: 'Since when, and by whom', type: `authctl policies blame orders:Refund ${ORDER}` },
  {
    tells: 'The folder as the server has it',
    type: 'authctl policies export shop --split && cd shop && git --no-pager diff --stat',
  },
]

/** What is typed: on a terminal the question is answered, in a pipe there is none. */
const typedIn = ({ type }: Step, mode: Mode): string => (mode === 'piped' ? type : type.replace(' --yes', ''))

/** A command line as a shell runs it, with its output as it would be seen. */
const see = (
  step: Step,
  { mode, folder, env }: { mode: Mode; folder: string; env: NodeJS.ProcessEnv },
): string => {
  step.before?.(folder)
  const file = join(folder, '.step.sh')
  const typed = typedIn(step, mode)
  writeFileSync(file, `authctl() { '${process.execPath}' '${AUTHCTL}' "$@"; }\n${typed}\n`)
  const colour = mode === 'plain' ? { NO_COLOR: '1' } : {}
  const options = { cwd: folder, env: { ...env, ...colour }, encoding: 'utf8' } as const
  const done =
    mode === 'piped'
      ? spawnSync('sh', ['-c', `sh ${file} 2>&1 | cat`], options)
      : spawnSync('script', ['-qefc', `stty cols 80 rows 30; sh ${file}`, '/dev/null'], {
          ...options,
          input: typed === step.type ? '' : 'y\r',
        })
  return `$ ${typed}\n${done.stdout.replaceAll('\r\n', '\n')}`
}

const record = async (mode: Mode): Promise<string> => {
  const daemon = await startDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  const folder = mkdtempSync(join(tmpdir(), 'authctl-session-'))
  try {
    const { admin, client } = await createFamily({ api: createApi(daemon.url), dataDir: daemon.dataDir })
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      TERM: 'xterm-256color',
      AUTHCTL_CONFIG_DIR: join(folder, '.config'),
      AUTHCTL_SERVER: daemon.url,
      GIT_AUTHOR_NAME: 'Asha',
      GIT_AUTHOR_EMAIL: 'asha@example.com',
      GIT_COMMITTER_NAME: 'Asha',
      GIT_COMMITTER_EMAIL: 'asha@example.com',
      acme: admin.id,
      shop: client.id,
    }
    const login = ['login', '--role', 'super-admin', '--username', 'root', '--password-stdin']
    const signedIn = spawnSync(process.execPath, [AUTHCTL, ...login], {
      cwd: folder,
      env,
      input: PASSWORD,
      encoding: 'utf8',
    })
    if (signedIn.status !== 0) throw new Error(signedIn.stderr)
    const screens = STEPS.map((step) => `# ${step.tells}\n${see(step, { mode, folder, env })}`)
    return screens.join('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await daemon.stop()
  }
}

const [target = 'session', ...modes] = process.argv.slice(2)
mkdirSync(target, { recursive: true })
for (const mode of MODES.filter((each) => modes.length === 0 || modes.includes(each))) {
  const path = join(target, `${mode}.txt`)
  writeFileSync(path, await record(mode))
  process.stdout.write(`wrote ${path}\n`)
}
