import { resolve } from 'node:path'
import { createSender, keyDeps, openCore, type Core } from '../core.ts'
import type { LoadedConfig } from '../config/settings.ts'
import { hostChecks, type HostCheck } from './checks.ts'
import {
  bootstrapOnHost,
  findBootstrapped,
  type Bootstrapped,
  type SuperAdminInput,
} from '../usecases/accounts/bootstrap.ts'
import { readBudgets, type BudgetUse } from '../usecases/otp/budget.ts'
import { followPolicies } from '../usecases/policies/follow.ts'
import { recoverRoot, type Recovery } from '../usecases/policies/recover-root.ts'
import { planUpgrade, type Upgrade } from '../usecases/policies/upgrade.ts'
import {
  createSigningKeys,
  noGeneratedKeys,
  type KeyView,
  type RotationLead,
} from '../usecases/keys/signing-keys.ts'

/** Work on the host through the store, with no daemon needed. */
export interface Host {
  readonly config: LoadedConfig
  /**
   * The super-admin of this username, if there is one. Throws `Failure` `already_bootstrapped` where there
   * are others only.
   */
  findBootstrapped(username: string): Promise<Bootstrapped | undefined>
  /**
   * Creates the first super-admin; one with this username that exists already is left as it is. Throws
   * `Failure` `already_bootstrapped`.
   */
  bootstrap(input: SuperAdminInput): Promise<Bootstrapped>
  /** Gives super-admins their full rights back. */
  recoverRoot(): Promise<Recovery>
  checks(): Promise<HostCheck[]>
  /** Signing keys. Each throws `Failure` `invalid_request` while tokens are HS256 under JWT_SECRET. */
  readonly keys: {
    list(): Promise<KeyView[]>
    rotate(lead: RotationLead): Promise<KeyView>
    revoke(kid: string): Promise<KeyView>
  }
  /** What is spent of the SMS budgets, the fullest first. */
  smsBudgets(): Promise<BudgetUse[]>
  close(): Promise<void>
}

/** What starting a daemon of this authctl here would change. */
const planUpgradeHere = async ({ store, deps, log }: Core): Promise<Upgrade | undefined> => {
  const policies = await followPolicies({ store: store.policies, vault: deps.vault, log })
  try {
    return await planUpgrade(deps, policies.current())
  } finally {
    await policies.stop()
  }
}

/** Opens the store of a host's configuration. */
export const openHost = async (config: LoadedConfig): Promise<Host> => {
  const core = await openCore({ ...config.settings, AUTHCTL_LOG_LEVEL: 'silent' })
  const { store, deps } = core

  const keys = () => {
    if (config.settings.JWT_SECRET === undefined) return createSigningKeys(keyDeps(core))
    throw noGeneratedKeys()
  }

  return {
    config,
    keys: {
      list: async () => keys().list(),
      rotate: async (lead) => keys().rotate(lead),
      revoke: async (kid) => keys().revoke(kid),
    },
    findBootstrapped: (username) => findBootstrapped(deps, username),
    bootstrap: (input) => bootstrapOnHost(deps, input),
    recoverRoot: () => recoverRoot(deps),
    smsBudgets: () => readBudgets(deps),
    checks: () =>
      hostChecks({
        config,
        store,
        dataDirectory: resolve(core.dataDirectory),
        sms: createSender(core),
        planUpgrade: () => planUpgradeHere(core),
      }),
    close: () => store.close(),
  }
}
