import { existsSync, statSync } from 'node:fs'
import type { LoadedConfig } from './config/settings.ts'
import type { SmsSender } from './ports/sms.ts'
import type { Store } from './ports/stores.ts'

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
  readonly outbox: string
  readonly sms: SmsSender
}

const checkStore = async ({ store, dataDirectory }: HostState): Promise<HostCheck> => {
  try {
    await store.ping()
    return {
      name: 'store',
      status: 'ok',
      detail: `SQLite in ${dataDirectory} answers; its schema is up to date`,
    }
  } catch (error) {
    return {
      name: 'store',
      status: 'fail',
      detail: (error as Error).message,
      fix: 'Check the disk and the permissions of the data directory.',
    }
  }
}

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

const checkOutbox = ({ outbox }: HostState): HostCheck => {
  const isPrivate = !existsSync(outbox) || (statSync(outbox).mode & 0o077) === 0
  return isPrivate
    ? { name: 'outbox', status: 'ok', detail: 'closed to other users' }
    : {
        name: 'outbox',
        status: 'fail',
        detail: `${outbox} is open to other users`,
        fix: `chmod 600 ${outbox}`,
      }
}

/** What can be checked on the host through the store and the configuration. */
export const hostChecks = async (state: HostState): Promise<HostCheck[]> => [
  await checkStore(state),
  await checkSuperAdmin(state),
  checkSecrets(state),
  await checkSender(state),
  checkPublicUrl(state),
  checkOutbox(state),
]
