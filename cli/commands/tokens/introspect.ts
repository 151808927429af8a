import { RemoteCommand } from '../../base-command.ts'
import { readSecret } from '../../input/prompt.ts'
import { recordView, type View } from '../../output/print.ts'

/** What a token is. */
export default class TokensIntrospect extends RemoteCommand<typeof TokensIntrospect> {
  static override summary = 'Show what an access token or a refresh token is, and whether it is live'
  static override description =
    'The token is read from standard input or asked for, never from an argument. Tokens of accounts that you do not see are shown like those that are no tokens: not active.'
  static override examples = ['$ printf %s "$TOKEN" | <%= config.bin %> tokens introspect']

  protected override async execute(): Promise<View> {
    const token = await readSecret({
      what: 'token',
      stdin: true,
      noInput: this.noInput,
      question: 'Token: ',
      hint: 'Write it to standard input.',
    })
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const facts = await client.oauth.introspect({ token: token.trim() })
    return recordView(facts, { ...facts }, 'active')
  }
}
