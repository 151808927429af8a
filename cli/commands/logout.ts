import { RemoteCommand } from '../base-command.ts'
import { credentialsPath, removeSession } from '../connection/credentials.ts'
import { tell, warn } from '../output/print.ts'
import { describeError } from '../errors/report.ts'

/** Ends the session. */
export default class Logout extends RemoteCommand<typeof Logout> {
  static override summary = 'End the session on the server and forget it here'
  static override description =
    'If the server cannot be reached the session is still forgotten here, and the command says that it lives on there until it expires.'
  static override examples = [
    '<%= config.bin %> logout',
    '<%= config.bin %> logout --server https://auth.example.com',
  ]

  protected override async execute(): Promise<undefined> {
    const { connect, findToken } = await import('../connection/client.ts')
    const found = await findToken(this.flags.server)
    if (found.source.kind === 'none') {
      tell(`Not signed in to ${found.server}: nothing to do.`)
      return undefined
    }
    const { client, server, source } = await connect(this.flags)
    try {
      await client.auth.logout()
      tell(`The session on ${server} has ended.`)
    } catch (error) {
      const problem = describeError(error)
      // A token that the server refuses belongs to a session that has ended already.
      if (problem.exit === 'auth') tell(`The session on ${server} had ended already.`)
      else if (source.kind !== 'file') throw error
      else
        warn(
          `the session on ${server} could not be ended (${problem.message}); it lives on there until it expires.`,
        )
    }
    if (source.kind !== 'file') {
      tell(`The token came from ${source.kind}: unset it there.`)
      return undefined
    }
    removeSession(server)
    tell(`It is removed from ${credentialsPath()}.`)
    return undefined
  }
}
