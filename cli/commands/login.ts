import { boolean, option, string } from '@oclif/core/flags'
import { RemoteCommand } from '../base-command.ts'
import { credentialsPath, type SignedInAs } from '../connection/credentials.ts'
import { recordView, tell, type View, warn } from '../output/print.ts'
import { usageProblem } from '../problem.ts'
import { ask, canAsk, readSecret, readSecretFile } from '../input/prompt.ts'
import { type Role, ROLES } from '../kinds.ts'
import { chooseServer, type Server } from '../connection/server.ts'
import { surroundings } from '../surroundings.ts'

/** Signs in and keeps the session. */
export default class Login extends RemoteCommand<typeof Login> {
  static override summary = 'Sign in and keep the session in a file that only you can read'
  static override description =
    'By a code that you type in a browser on any device, by username and password, or by phone and one-time code. On a terminal, and without a name, it is the first: nothing secret is typed here. Passwords and one-time codes are asked for, or read from standard input; never from a flag. Without --role, --username means super-admin and --number means user.'
  static override examples = [
    '<%= config.bin %> login',
    '<%= config.bin %> login --device --server https://auth.example.com',
    '<%= config.bin %> login --username root.operator',
    '<%= config.bin %> login --role admin --username asha --server https://auth.example.com',
    '<%= config.bin %> login --number +919876543210',
    '$ printf %s "$PASSWORD" | <%= config.bin %> login --role client --username namma.rides --password-stdin',
    '$ printf %s "$TOKEN" | <%= config.bin %> login --with-token --context production',
  ]
  static override flags = {
    device: boolean({
      summary: 'Sign in by a code that you type in a browser, here or elsewhere',
      exclusive: ['username', 'number', 'role', 'password-stdin', 'password-file', 'with-token'],
    }),
    role: option({ options: ROLES, summary: 'What you sign in as' })(),
    username: string({ summary: 'Sign in by username and password', exclusive: ['number'] }),
    number: string({
      summary: 'Sign in by phone: sends a one-time code, then asks for it',
      exclusive: ['username'],
    }),
    'password-stdin': boolean({
      summary: 'Read the password from standard input',
      exclusive: ['password-file', 'number'],
    }),
    'password-file': string({
      helpValue: 'PATH',
      summary: 'Read the password from a file',
      exclusive: ['number'],
    }),
    'with-token': boolean({
      summary: 'Read an access token from standard input and keep it; it is not renewed',
      exclusive: ['username', 'number', 'role', 'password-stdin', 'password-file'],
    }),
    'otp-stdin': boolean({
      summary: 'Read the code from standard input, after it was sent',
      dependsOn: ['number'],
    }),
  }

  protected override async execute(): Promise<View> {
    const place = await chooseServer(this.flags)
    const { url: server, why } = place
    // Before any secret is asked for. Who named it knows.
    if (this.flags.server === undefined) tell(`Signing in to ${server} (${why}).`)
    if (this.flags['with-token']) return await this.keepGiven(place)
    const { openClient } = await import('../connection/client.ts')
    const client = openClient(server, this.flags)
    if (this.isByDevice) {
      const { signInByDevice } = await import('../connection/device-login.ts')
      const { account, expiresAt } = await signInByDevice(client, place)
      return this.signedIn(place, account, expiresAt)
    }
    const { number } = this.flags
    const username = number === undefined ? await this.readUsername() : undefined
    const role: Role = this.flags.role ?? (number === undefined ? 'super-admin' : 'user')
    if (role === 'user' && number === undefined)
      throw usageProblem('end users sign in by phone', 'Pass --number NUMBER.')
    if (role === 'super-admin' && number !== undefined)
      throw usageProblem('a super-admin signs in by username', 'Pass --username NAME.')
    const { signIn } = await import('../connection/client.ts')
    const credentials =
      number === undefined
        ? { username: username ?? '', password: await this.readPassword() }
        : { number, otp: await this.readOtp(number, async () => await client.otp.send({ number })) }
    const { account, expiresAt } = await signIn(client, place, role, credentials)
    return this.signedIn(place, account, expiresAt)
  }

  /** By a code that is typed elsewhere: if asked for, or if nobody is named and somebody can be asked. */
  private get isByDevice(): boolean {
    const { device, number, username, role } = this.flags
    if (device) return true
    const isNamed = number !== undefined || username !== undefined || role !== undefined
    const hasSecret = this.flags['password-stdin'] || this.flags['password-file'] !== undefined
    return !isNamed && !hasSecret && canAsk(this.noInput)
  }

  private signedIn(
    { url: server, context }: Server,
    { id, role, name }: SignedInAs,
    expiresAt: string | null,
  ): View {
    tell(
      `Signed in to ${server}${context === undefined ? '' : ` in the context ${context.name}`}. The session is in ${credentialsPath()} (mode 0600).`,
    )
    const { env } = surroundings()
    if ((env['AUTHCTL_TOKEN'] ?? env['AUTHCTL_TOKEN_FILE'] ?? '') !== '')
      warn('AUTHCTL_TOKEN is set and wins over this session: unset it to use the session.')
    this.nextCommand = 'authctl whoami'
    return recordView({ server, role, id, name, token_expires_at: expiresAt })
  }

  private async keepGiven(place: Server): Promise<View> {
    const token = await readSecret({
      what: 'access token',
      stdin: true,
      noInput: this.noInput,
      question: 'Access token: ',
      hint: 'Write it to standard input.',
    })
    const { keepToken } = await import('../connection/given-token.ts')
    const { account, expiresAt } = await keepToken(token.trim(), place, this.flags)
    return this.signedIn(place, account, expiresAt)
  }

  private async readUsername(): Promise<string> {
    const { username } = this.flags
    if (username !== undefined) return username
    if (!canAsk(this.noInput))
      throw usageProblem('whom to sign in is missing', 'Pass --username NAME or --number NUMBER.')
    return (await ask('Username: ')).trim()
  }

  private async readPassword(): Promise<string> {
    const { env } = surroundings()
    const fromEnv = env['AUTHCTL_PASSWORD_FILE'] ?? ''
    return await readSecret({
      what: 'password',
      file: this.flags['password-file'],
      stdin: this.flags['password-stdin'],
      env: fromEnv === '' ? env['AUTHCTL_PASSWORD'] : readSecretFile(fromEnv, 'password'),
      noInput: this.noInput,
      question: 'Password: ',
      hint: 'Pass --password-stdin or --password-file PATH.',
    })
  }

  private async readOtp(number: string, send: () => Promise<{ expires_in: number }>): Promise<string> {
    if (!this.flags['otp-stdin'] && !canAsk(this.noInput))
      throw usageProblem(
        'nobody can be asked for the code here',
        'Pass --otp-stdin and write the code to standard input.',
      )
    const { expires_in: seconds } = await send()
    tell(`A code is on its way to ${number}; it is valid for ${Math.round(seconds / 60)} minutes.`)
    const otp = this.flags['otp-stdin']
      ? await readSecret({
          what: 'code',
          stdin: true,
          noInput: this.noInput,
          question: 'Code: ',
          hint: 'Write the code to standard input.',
        })
      : await ask('Code: ')
    return otp.trim()
  }
}
