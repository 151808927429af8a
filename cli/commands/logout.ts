import { RemoteCommand } from '../base-command.ts'
import { credentialsPath, removeSession } from '../connection/credentials.ts'
import { recordView, tell, type View, warn } from '../output/print.ts'
import { describeError } from '../errors/report.ts'

/** What came of it, for programs. */
interface Ended {
  readonly server: string
  /** `none`: there was none. `over`: it had ended. `left`: it lives on, for the server did not answer. */
  readonly session: 'none' | 'ended' | 'over' | 'left'
  /** Whether it was removed from this machine. */
  readonly removed: boolean
}

/** Ends the session. */
export default class Logout extends RemoteCommand<typeof Logout> {
  static override summary = 'End the session on the server and forget it here'
  static override description =
    'If the server cannot be reached the session is still forgotten here, and the command says that it lives on there until it expires.'
  static override examples = [
    '<%= config.bin %> logout',
    '<%= config.bin %> logout --server https://auth.example.com',
  ]

  protected override async execute(): Promise<View | undefined> {
    const ended = await this.#logout()
    // For people the sentences say it all.
    return this.format === 'table' ? undefined : recordView(ended, { ...ended }, 'server')
  }

  async #logout(): Promise<Ended> {
    const { connect, findToken } = await import('../connection/client.ts')
    const found = await findToken(this.flags)
    const { url: server } = found.server
    if (found.source.kind === 'none') {
      tell(`Not signed in to ${server}: nothing to do.`)
      return { server, session: 'none', removed: false }
    }
    const { client, source } = await connect(this.flags)
    let session: Ended['session'] = 'ended'
    try {
      await client.auth.logout()
      tell(`The session on ${server} has ended.`)
    } catch (error) {
      const problem = describeError(error)
      // A token that the server refuses belongs to a session that has ended already.
      if (problem.exit === 'auth') {
        session = 'over'
        tell(`The session on ${server} had ended already.`)
      } else if (source.kind === 'file') {
        session = 'left'
        warn(
          `the session on ${server} could not be ended (${problem.message}); it lives on there until it expires.`,
        )
      } else throw error
    }
    if (source.kind !== 'file') {
      tell(`The token came from ${source.kind}: unset it there.`)
      return { server, session, removed: false }
    }
    removeSession(found.server)
    tell(`It is removed from ${credentialsPath()}.`)
    return { server, session, removed: true }
  }
}
