import type { Echo } from '@authctl/sdk'
import type { ConnectFlags } from '../connection/client.ts'
import type { Server } from '../connection/server.ts'
import { describeError } from '../errors/report.ts'
import type { HostCheck } from '../host/daemon.ts'

const name = 'proxies'

/** What is told of proxies, by what the daemon has seen of a request to `url`. */
export const judgeEcho = (echo: Echo, url: string): HostCheck => {
  const { ip, peer, forwarded_for: forwarded, forwarded_proto: proto } = echo
  const isEncrypted = url.startsWith('https:')
  if (forwarded.length === 0)
    return isEncrypted
      ? {
          name,
          status: 'warn',
          detail: `a proxy takes the TLS off and does not say for whom it asks: every caller looks like ${peer ?? 'it'}`,
          fix: 'Have the proxy send X-Forwarded-For, and name it in AUTHCTL_TRUST_PROXY.',
        }
      : { name, status: 'ok', detail: `no proxy in between; the daemon sees you as ${ip ?? 'nobody'}` }
  if (ip === peer)
    return {
      name,
      status: 'warn',
      detail: `X-Forwarded-For is not believed: every caller looks like ${peer ?? 'the proxy'}, and limits count them together`,
      fix: `Name the proxy on the daemon: AUTHCTL_TRUST_PROXY=${peer ?? '1'}`,
    }
  if (proto !== null && isEncrypted && proto !== 'https')
    return {
      name,
      status: 'warn',
      detail: `asked by https, the proxy says ${proto}`,
      fix: 'Have the proxy in front send X-Forwarded-Proto as it was asked.',
    }
  const count = forwarded.length
  return {
    name,
    status: 'ok',
    detail: `behind ${count} prox${count === 1 ? 'y' : 'ies'} the daemon sees you as ${ip ?? 'nobody'}`,
  }
}

/** What the proxies in front of a daemon say, by an echo that super-admins may ask for. */
export const checkProxies = async (server: Server, flags: ConnectFlags): Promise<HostCheck> => {
  try {
    const { connect } = await import('../connection/client.ts')
    const { client } = await connect({ ...flags, ...(server.context ? {} : { server: server.url }) })
    return judgeEcho(await client.system.echo(), server.url)
  } catch (error) {
    const { exit, message } = describeError(error)
    const why = exit === 'auth' ? 'only a signed-in super-admin may ask for the echo' : message
    return {
      name,
      status: 'warn',
      detail: `not looked at: ${why}`,
      fix: `authctl login --role super-admin${server.context ? ` --context ${server.context.name}` : ` --server ${server.url}`}`,
    }
  }
}
