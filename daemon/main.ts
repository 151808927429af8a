import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { banner } from './banner.ts'
import { startDaemon } from './serve.ts'
import { createSender, keyDeps, openCore } from './core.ts'
import { loadConfig } from './config/load.ts'
import type { LoadedConfig, SettingName } from './config/settings.ts'
import { hostChecks, type HostCheck } from './host/checks.ts'
import { Failure } from './domain/failure.ts'
import { usernameKey } from './domain/username.ts'
import { insertFirstSuperAdmin, type SuperAdminInput } from './usecases/accounts/create.ts'
import { recoverRoot, type Recovery } from './usecases/policies/recover-root.ts'
import { listKeys, revokeKey, rotateKeys, type KeyDeps, type KeyView } from './usecases/keys/signing-keys.ts'

export { ConfigError } from './config/load.ts'
export { SETTINGS } from './config/settings.ts'
export { ERRORS } from './contract/errors.ts'
export { Failure } from './domain/failure.ts'
export type { HostCheck } from './host/checks.ts'

/** Settings given as flags; they win over the environment. */
export interface Flags {
  readonly flags: Readonly<Partial<Record<SettingName, string>>>
}

const readFile = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') : undefined

/** Reads the configuration of this process. Throws `ConfigError` with every problem at once. */
export const readConfig = ({ flags }: Flags): LoadedConfig =>
  loadConfig({ flags, env: process.env, cwd: process.cwd(), readFile })

const FORCED_EXIT_CODE = 1

/** Runs the daemon until SIGTERM or SIGINT; a second signal ends it at once. Resolves when everything is closed. */
export const run = async ({ flags }: Flags): Promise<void> => {
  const { settings } = readConfig({ flags })
  const daemon = await startDaemon(settings)
  process.stderr.write(
    banner(daemon, {
      production: settings.NODE_ENV === 'production',
      docs: settings.AUTHCTL_DOCS,
      colour: process.stderr.isTTY,
    }),
  )
  await new Promise<void>((done) => {
    let stopping = false
    const stop = (): void => {
      if (stopping) process.exit(FORCED_EXIT_CODE)
      stopping = true
      done()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
  await daemon.close()
}

/** The first super-admin, made now or before. */
export interface Bootstrapped {
  readonly outcome: 'created' | 'exists'
  readonly account: { readonly id: string; readonly username: string }
}

/** Work on the host through the store, with no daemon needed. */
export interface Host {
  readonly config: LoadedConfig
  /** The super-admin of this username, if there is one. Throws `Failure` `already_bootstrapped` where there are others only. */
  findBootstrapped(username: string): Promise<Bootstrapped | undefined>
  /** Creates the first super-admin; one with this username that exists already is left as it is. Throws `Failure` `already_bootstrapped`. */
  bootstrap(input: SuperAdminInput): Promise<Bootstrapped>
  /** Gives super-admins their full rights back. */
  recoverRoot(): Promise<Recovery>
  checks(): Promise<HostCheck[]>
  /** Signing keys. Each throws `Failure` `invalid_request` while tokens are HS256 under JWT_SECRET. */
  readonly keys: {
    list(): Promise<KeyView[]>
    rotate(lead: 'published' | 'soon'): Promise<KeyView>
    revoke(kid: string): Promise<KeyView>
  }
  close(): Promise<void>
}

/** Opens the store of this host's configuration. */
export const openHost = async ({ flags }: Flags): Promise<Host> => {
  const config = readConfig({ flags })
  const core = await openCore({ ...config.settings, AUTHCTL_LOG_LEVEL: 'silent' })
  const { store, deps } = core

  const findBootstrapped: Host['findBootstrapped'] = async (username) => {
    const existing = await store.accounts.findByUsername('super-admin', usernameKey(username))
    if (existing !== undefined)
      return { outcome: 'exists', account: { id: existing.id, username: existing.username ?? '' } }
    if (await store.accounts.hasSuperAdmin()) throw new Failure('already_bootstrapped')
    return undefined
  }

  const bootstrap: Host['bootstrap'] = async (input) => {
    const existing = await findBootstrapped(input.username)
    if (existing !== undefined) return existing
    const account = await insertFirstSuperAdmin(deps, input)
    return { outcome: 'created', account: { id: account.id, username: account.username ?? '' } }
  }

  const keys = (): KeyDeps => {
    if (config.settings.JWT_SECRET === undefined) return keyDeps(core)
    throw new Failure('invalid_request', {
      detail: 'tokens are signed with JWT_SECRET, which is not rotated but replaced: everybody signs in anew',
    })
  }

  return {
    config,
    keys: {
      list: async () => listKeys(keys()),
      rotate: async (lead) => rotateKeys(keys(), lead),
      revoke: async (kid) => revokeKey(keys(), kid),
    },
    findBootstrapped,
    bootstrap,
    recoverRoot: () => recoverRoot(deps),
    checks: () =>
      hostChecks({
        config,
        store,
        dataDirectory: resolve(core.dataDirectory),
        outbox: join(core.dataDirectory, 'outbox.jsonl'),
        sms: createSender(core),
      }),
    close: () => store.close(),
  }
}

if (import.meta.main) await run({ flags: {} })
