import type { SigningKey } from '@authctl/sdk'
import { boolean } from '@oclif/core/flags'
import type { ConnectFlags } from '../connection/client.ts'
import { pointedServer } from '../connection/server.ts'
import { hostKeys, type Keys } from '../host/keys.ts'
import { type Row, tell } from '../output/print.ts'

type Flags = ConnectFlags & { readonly host: boolean }

/** Where the keys are looked after, said by every command about them. */
export const WHERE =
  'On the host, through the store; with --server, AUTHCTL_SERVER or a context, at that daemon, as a super-admin.'

/** The flag of every command about keys. */
export const KEY_FLAGS = {
  host: boolean({
    summary: 'On this host, through the store, whatever daemon is named elsewhere',
    exclusive: ['server', 'context'],
  }),
}

/** The columns of a list of signing keys. */
export const KEY_COLUMNS = ['kid', 'state', 'active_from', 'created_at', 'revoked_at']

/** A signing key as it is printed. */
export const keyRow = ({ kid, state, active_from, created_at, revoked_at }: SigningKey): Row => ({
  kid,
  state,
  active_from,
  created_at,
  revoked_at,
})

/** The keys of the daemon that is named, else of this host. */
export const keysFor = async (flags: Flags): Promise<Keys> => {
  if (flags.host || (await pointedServer(flags)) === undefined) {
    tell('On this host, through the store.')
    return hostKeys
  }
  const { connect } = await import('../connection/client.ts')
  const { client } = await connect(flags)
  return {
    list: async () => (await client.keys.list()).items,
    rotate: (now) => client.keys.rotate({ now }),
    revoke: (kid) => client.keys.revoke(kid),
  }
}
