import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { keyStates } from '../domain/signing-key.ts'
import { authenticates, usesTls } from '../config/refusals.ts'
import type { LoadedConfig } from '../config/settings.ts'
import type { AccessCount } from '../../policies/plan/index.ts'
import type { Upgrade } from '../usecases/policies/upgrade.ts'
import { checkLookAlikes } from './look-alikes.ts'
import type { SmsSender } from '../ports/sms.ts'
import type { Store, StorePlatform } from '../ports/stores/index.ts'

/** One line of `authctl doctor`. */
export interface HostCheck {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
}

interface HostState {
  readonly config: LoadedConfig
  readonly store: Store
  readonly dataDirectory: string
  readonly sms: SmsSender
  /** What starting a daemon of this authctl changes of the policies that come with it. */
  readonly planUpgrade: () => Promise<Upgrade | undefined>
}

const checkStore = async ({ store, dataDirectory }: HostState): Promise<HostCheck> => {
  try {
    await store.ping()
    const { engine, version, topology } = store.platform
    const where = topology === 'file' ? `in ${dataDirectory}` : `(${topology.replace('-', ' ')})`
    return {
      name: 'store',
      status: 'ok',
      detail: `${engine} ${version} ${where} answers; its schema is up to date`,
    }
  } catch (error) {
    return {
      name: 'store',
      status: 'fail',
      detail: (error as Error).message,
      fix:
        store.platform.topology === 'file'
          ? 'Check the disk and the permissions of the data directory.'
          : 'Check the network and the servers that MONGO_DB_URI names.',
    }
  }
}

/** The first fixed releases: older ones disclose memory to anybody who reaches the port (CVE-2025-14847). */
const FIRST_SAFE: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [7, 0, 28],
  [8, 0, 17],
  [8, 2, 3],
]

const isOldServer = (version: string): boolean => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const line = FIRST_SAFE.find(([safeMajor, safeMinor]) => safeMajor === major && safeMinor === minor)
  return line === undefined ? major < 8 : patch < line[2]
}

/** What is wrong with how MongoDB is run and reached; each `fail` is refused by a start in production. */
export const checkMongo = (uri: string, platform: StorePlatform, isProduction: boolean): HostCheck[] => {
  const severe = isProduction ? 'fail' : 'warn'
  const writeConcern = /[?&]w=([^&]+)/i.exec(uri)?.[1]
  const checks: (HostCheck | false)[] = [
    platform.topology === 'standalone' && {
      name: 'mongodb',
      status: severe,
      detail: 'a standalone server: one copy, no majority, no retryable writes',
      fix: 'Make it a replica set of three members (docs/mongodb.md).',
    },
    !usesTls(uri) && {
      name: 'mongodb-tls',
      status: severe,
      detail: 'the connection is not encrypted',
      fix: 'Add tls=true to MONGO_DB_URI.',
    },
    !authenticates(uri) && {
      name: 'mongodb-auth',
      status: severe,
      detail: 'the connection does not authenticate',
      fix: 'Turn authorization on and name a user in MONGO_DB_URI.',
    },
    writeConcern !== undefined &&
      writeConcern !== 'majority' && {
        name: 'mongodb-write-concern',
        status: 'warn',
        detail: `MONGO_DB_URI asks for w=${writeConcern}; authctl writes with w=majority anyway`,
        fix: 'Remove w from MONGO_DB_URI.',
      },
    isOldServer(platform.version) && {
      name: 'mongodb-version',
      status: 'warn',
      detail: `MongoDB ${platform.version} is older than the fixed 7.0.28, 8.0.17 and 8.2.3: it discloses memory (CVE-2025-14847)`,
      fix: 'Upgrade the servers.',
    },
  ]
  return checks.filter((check) => check !== false)
}

const checkDeployment = ({ config: { settings }, store }: HostState): HostCheck[] =>
  settings.MONGO_DB_URI === undefined
    ? []
    : checkMongo(settings.MONGO_DB_URI, store.platform, settings.NODE_ENV === 'production')

const checkSuperAdmin = async ({ store }: HostState): Promise<HostCheck> =>
  (await store.accounts.hasSuperAdmin())
    ? { name: 'super-admin', status: 'ok', detail: 'a super-admin exists' }
    : { name: 'super-admin', status: 'warn', detail: 'there is no super-admin', fix: 'authctl bootstrap' }

const checkSecrets = ({ config }: HostState): HostCheck => {
  const generated = (['AUTHCTL_SECRET', 'REFRESH_KEY_SECRET'] as const).filter(
    (name) => config.origins[name] === 'unset',
  )
  return generated.length === 0
    ? { name: 'secrets', status: 'ok', detail: 'configured' }
    : {
        name: 'secrets',
        status: 'warn',
        detail: `${generated.join(' and ')} are generated into the data directory`,
        fix: 'Set them (or NAME_FILE) before production, so that a copy of the database alone is worthless.',
      }
}

const checkSender = async ({ sms }: HostState): Promise<HostCheck> => {
  if (sms.name === 'outbox') {
    return {
      name: 'sms',
      status: 'warn',
      detail: 'codes go to the local outbox',
      fix: 'Set FAST2SMS_API_KEY or AUTHCTL_SMS_WEBHOOK_URL.',
    }
  }
  if (sms.walletBalance === undefined) return { name: 'sms', status: 'ok', detail: sms.name }
  const balance = await sms.walletBalance()
  if (balance === undefined) {
    return {
      name: 'sms',
      status: 'warn',
      detail: `${sms.name} does not tell its balance`,
      fix: 'Check the API key and the network.',
    }
  }
  return balance > 0
    ? { name: 'sms', status: 'ok', detail: `${sms.name}, balance ${balance}` }
    : { name: 'sms', status: 'fail', detail: `${sms.name}, the wallet is empty`, fix: 'Top the wallet up.' }
}

const checkPublicUrl = ({ config: { settings } }: HostState): HostCheck =>
  settings.PUBLIC_URL === undefined
    ? {
        name: 'public-url',
        status: 'warn',
        detail: 'PUBLIC_URL is not set',
        fix: 'Set it to where callers reach the daemon.',
      }
    : { name: 'public-url', status: 'ok', detail: settings.PUBLIC_URL }

const OPEN_TO_OTHERS = 0o077

/** Whether the data directory and every file in it are closed to other users (J4). */
export const checkFiles = (dataDirectory: string): HostCheck[] => {
  const files = readdirSync(dataDirectory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(dataDirectory, entry.name))
  const open = [dataDirectory, ...files].filter(
    (path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & OPEN_TO_OTHERS) !== 0,
  )
  if (open.length === 0 || process.platform === 'win32')
    return [
      { name: 'files', status: 'ok', detail: `${dataDirectory} and what is in it are closed to others` },
    ]
  return open.map((path) => ({
    name: 'files',
    status: 'fail',
    detail: `${path} is open to other users`,
    fix: `chmod go= ${path}`,
  }))
}

const DAY_MS = 24 * 3600 * 1000
const MOST_KEY_DAYS = 365

/** Whether the key that signs has been in use for too long. */
const checkKeys = async ({ config: { settings }, store }: HostState): Promise<HostCheck> => {
  const name = 'signing-keys'
  if (settings.JWT_SECRET !== undefined)
    return { name, status: 'ok', detail: 'none: tokens are HS256 under JWT_SECRET' }
  const now = Date.now()
  const active = [...keyStates(await store.signingKeys.list(), now)].find(([, state]) => state === 'active')
  if (active === undefined)
    return { name, status: 'ok', detail: 'none yet: the first start of a daemon makes one' }
  const [{ kid, activeFrom }] = active
  const days = Math.floor((now - activeFrom) / DAY_MS)
  return days < MOST_KEY_DAYS
    ? { name, status: 'ok', detail: `${kid} has signed for ${days} days` }
    : {
        name,
        status: 'warn',
        detail: `${kid} has signed for ${days} days`,
        fix: 'authctl keys rotate --host',
      }
}

const count = (sign: string, { rights, accounts }: AccessCount): string =>
  `${sign}${rights} right${rights === 1 ? '' : 's'} for ${accounts} account${accounts === 1 ? '' : 's'}`

const TOLD_RIGHTS = 5

/** Who gains and loses what by the policies that come with this authctl, as a plan says it. */
const checkUpgrade = async ({ planUpgrade }: HostState): Promise<HostCheck> => {
  const name = 'managed-policies'
  try {
    const upgrade = await planUpgrade()
    if (upgrade === undefined)
      return { name, status: 'ok', detail: 'starting this authctl changes nobody’s rights' }
    const { gained, lost, changes } = upgrade.access
    const told = changes
      .slice(0, TOLD_RIGHTS)
      .map(
        ({ verb, action, resource, sample, accounts }) =>
          `${verb === 'gain' ? '+' : '-'} ${action} on ${resource}: ${sample[0] ?? ''}${accounts > 1 ? ` and ${accounts - 1} more` : ''}`,
      )
    const detail = `this authctl comes with other policies (${upgrade.objects.join(', ')}): ${count('+', gained)}, ${count('-', lost)}`
    const status = gained.rights + lost.rights > 0 ? 'warn' : 'ok'
    return {
      name,
      status,
      detail: [detail, ...told].join('; '),
      ...(status === 'warn' && { fix: 'Look at what changes before you start a daemon of this version.' }),
    }
  } catch (error) {
    return {
      name,
      status: 'warn',
      detail: `what this authctl changes cannot be told: ${(error as Error).message}`,
      fix: 'Check the store; a database of a newer authctl is for that one.',
    }
  }
}

/** What can be checked on the host through the store and the configuration. */
export const hostChecks = async (state: HostState): Promise<HostCheck[]> => [
  await checkStore(state),
  ...checkDeployment(state),
  await checkSuperAdmin(state),
  await checkLookAlikes(state.store.accounts),
  await checkUpgrade(state),
  checkSecrets(state),
  await checkSender(state),
  checkPublicUrl(state),
  await checkKeys(state),
  ...checkFiles(state.dataDirectory),
]
