import type { SigningKey } from '@authctl/sdk'
import type { Host } from './daemon.ts'
import { onHost } from './daemon.ts'

/** The signing keys of a store, wherever it is reached from. */
export interface Keys {
  readonly list: () => Promise<SigningKey[]>
  readonly rotate: (now: boolean) => Promise<SigningKey>
  readonly revoke: (kid: string) => Promise<SigningKey>
}

type HostKey = Awaited<ReturnType<Host['keys']['list']>>[number]

const time = (ms: number): string => new Date(ms).toISOString()

/** As the API spells it. */
const toWire = ({ kid, state, createdAt, activeFrom, revokedAt }: HostKey): SigningKey => ({
  kid,
  state,
  created_at: time(createdAt),
  active_from: time(activeFrom),
  revoked_at: revokedAt === null ? null : time(revokedAt),
})

/** Those of this host's store. */
export const hostKeys: Keys = {
  list: async () => (await onHost((host) => host.keys.list())).map(toWire),
  rotate: async (now) => toWire(await onHost((host) => host.keys.rotate(now ? 'soon' : 'published'))),
  revoke: async (kid) => toWire(await onHost((host) => host.keys.revoke(kid))),
}
