import { boolean, string } from '@oclif/core/flags'
import { RemoteCommand } from '../base-command.ts'
import { onHost, requireAcceptablePassword } from '../host/daemon.ts'
import { recordView, tell, type View } from '../output/print.ts'
import { usageProblem } from '../problem.ts'
import { ask, canAsk, readSecret, readSecretFile, type SecretSources } from '../input/prompt.ts'
import { namedServer } from '../connection/server.ts'
import { surroundings } from '../surroundings.ts'

interface Input {
  readonly name: string
  readonly username: string
  readonly password: string
}

interface Outcome {
  readonly outcome: 'created' | 'exists'
  readonly id: string
  readonly username: string
}

/** The first super-admin. */
export default class Bootstrap extends RemoteCommand<typeof Bootstrap> {
  static override summary = 'Create the first super-admin'
  static override description =
    'On the host, through the store, whether or not the daemon runs; with --server, against a running daemon with its one-time set-up token, which it keeps in the file setup-token of its data directory. Repeating it with the same username changes nothing.'
  static override examples = [
    '<%= config.bin %> bootstrap --username root.operator',
    '<%= config.bin %> bootstrap --server https://auth.example.com --username root.operator --setup-token-file setup-token',
    '$ printf %s "$PASSWORD" | <%= config.bin %> bootstrap --username root.operator --password-stdin',
  ]
  static override flags = {
    username: string({ summary: 'What it signs in by; asked for if missing' }),
    name: string({ summary: 'Display name; default: the username' }),
    'password-stdin': boolean({
      summary: 'Read the password from standard input',
      exclusive: ['password-file'],
    }),
    'password-file': string({ helpValue: 'PATH', summary: 'Read the password from a file' }),
    'setup-token-file': string({
      helpValue: 'PATH',
      summary:
        'Read the set-up token from a file; else AUTHCTL_SETUP_TOKEN, AUTHCTL_SETUP_TOKEN_FILE or the prompt',
    }),
  }

  protected override async execute(): Promise<View> {
    const server = namedServer(this.flags)?.url
    if (server === undefined && this.flags['setup-token-file'] !== undefined)
      throw usageProblem(
        '--setup-token-file is for --server: on the host no token is needed',
        'Leave it out, or pass --server URL.',
      )
    tell(server === undefined ? 'On this host, through the store.' : `On ${server}, with its set-up token.`)
    const username = this.flags.username ?? (await this.askUsername())
    const done = server === undefined ? await this.onHost(username) : await this.onServer(server, username)
    if (done.outcome === 'exists') tell('It exists already: nothing was changed, not even its password.')
    this.nextCommand = `authctl login${server === undefined ? '' : ` --server ${server}`} --role super-admin --username ${done.username}`
    return recordView(done)
  }

  /** Nobody is asked for a password that would come to nothing. */
  private async onHost(username: string): Promise<Outcome> {
    const { outcome, account } = await onHost(
      async (host) =>
        (await host.findBootstrapped(username)) ?? host.bootstrap(await this.readInput(username)),
    )
    return { outcome, ...account }
  }

  private async onServer(server: string, username: string): Promise<Outcome> {
    const setupToken = await this.readSetupToken()
    const { openClient } = await import('../connection/client.ts')
    const { account } = await openClient(server, this.flags).superadmins.bootstrap({
      ...(await this.readInput(username)),
      setup_token: setupToken,
    })
    return { outcome: 'created', id: account.id, username: account.username ?? username }
  }

  private async readInput(username: string): Promise<Input> {
    return { username, name: this.flags.name ?? username, password: await this.readPassword() }
  }

  /** Where the password comes from, unless it is asked for. */
  private get givenPassword(): Partial<SecretSources> | undefined {
    const { env } = surroundings()
    const [path, text] = [env['AUTHCTL_PASSWORD_FILE'] ?? '', env['AUTHCTL_PASSWORD']]
    if (this.flags['password-file'] !== undefined) return { file: this.flags['password-file'] }
    if (this.flags['password-stdin']) return { stdin: true }
    if (path !== '') return { env: readSecretFile(path, 'password') }
    return text === undefined ? undefined : { env: text }
  }

  private async readPassword(): Promise<string> {
    const password = await readSecret({
      ...this.givenPassword,
      what: 'password',
      noInput: this.noInput,
      twice: true,
      question: 'Password (15 characters or more): ',
      hint: 'Pass --password-stdin or --password-file PATH.',
    })
    await requireAcceptablePassword(password)
    return password
  }

  private async askUsername(): Promise<string> {
    if (!canAsk(this.noInput)) throw usageProblem('missing --username')
    const username = (await ask('Username of the super-admin: ')).trim()
    if (username === '') throw usageProblem('the username is empty')
    return username
  }

  private async readSetupToken(): Promise<string> {
    const { env } = surroundings()
    const path = env['AUTHCTL_SETUP_TOKEN_FILE'] ?? ''
    const text = await readSecret({
      what: 'set-up token',
      file: this.flags['setup-token-file'] ?? (path === '' ? undefined : path),
      env: env['AUTHCTL_SETUP_TOKEN'],
      noInput: this.noInput,
      question: 'Set-up token: ',
      hint: 'Pass --setup-token-file PATH or set AUTHCTL_SETUP_TOKEN.',
    })
    // The daemon's own file has the expiry on its second line.
    return text.split('\n', 1)[0]?.trim() ?? ''
  }
}
