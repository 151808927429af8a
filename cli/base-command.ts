import { Command } from '@oclif/core/command'
import { boolean, custom, integer, string } from '@oclif/core/flags'
import type { Interfaces } from '@oclif/core'
import { EXIT } from './exit-codes.ts'
import { type AnyFormat, type Format, FORMATS, printView, tell, tellNext, type View } from './output/print.ts'
import { localProblem } from './problem.ts'
import { askYesNo, canAsk, forbidsInput } from './input/prompt.ts'
import { surroundings } from './surroundings.ts'

const GROUP = { helpGroup: 'GLOBAL' } as const

/** The flag that says how a result is printed: a command with a format of its own has its own. */
export const outputFlag = (options: readonly AnyFormat[], summary: string) =>
  custom<AnyFormat>({ char: 'o', options: [...options], default: 'table', summary, ...GROUP })()

/** The flags of every command. */
export const LOCAL_FLAGS = {
  output: outputFlag(FORMATS, 'How the result is printed'),
  json: boolean({ summary: 'The same as --output json', ...GROUP }),
  'no-color': boolean({ summary: 'No colours; also NO_COLOR', ...GROUP }),
  'no-input': boolean({ summary: 'Never ask; also AUTHCTL_NO_INPUT', ...GROUP }),
  debug: boolean({
    summary: 'Show requests and answers without secrets, and where an error came from',
    ...GROUP,
  }),
}

/** The flags of every command that speaks to a daemon. */
export const REMOTE_FLAGS = {
  server: string({
    helpValue: 'URL',
    summary:
      'The daemon; else that of the context, else that of the last login, else HOST and PORT of this folder (environment, .env), else http://127.0.0.1:8000; also AUTHCTL_SERVER',
    ...GROUP,
  }),
  context: string({
    helpValue: 'NAME',
    summary:
      'The context to act in; else AUTHCTL_CONTEXT, else that of .authctl.yaml in this repository, else the current one',
    ...GROUP,
  }),
  timeout: integer({
    helpValue: 'SECONDS',
    min: 1,
    max: 600,
    default: 30,
    summary: 'How long one request may take',
    ...GROUP,
  }),
  yes: boolean({ char: 'y', summary: 'Confirm without being asked', ...GROUP }),
}

/** The flags of a class with those of a command, of which one may take the place of one of the class. */
type Overridden<Base, Own> = string extends keyof Own
  ? Base & Own
  : {
      readonly [Name in keyof Base as Name extends Exclude<keyof Own, 'json'> ? never : Name]: Base[Name]
    } & Own
type FlagsOf<T extends typeof Command> = Overridden<
  Interfaces.InferredFlags<typeof LOCAL_FLAGS & T['baseFlags']>,
  Interfaces.InferredFlags<T['flags']>
>
type ArgsOf<T extends typeof Command> = Interfaces.InferredArgs<T['args']>

/**
 * A command parses, does one thing and returns a value to print; this class does the parsing and the
 * printing.
 */
export abstract class LocalCommand<T extends typeof Command> extends Command {
  static override baseFlags: Interfaces.FlagInput = LOCAL_FLAGS

  protected flags!: FlagsOf<T>
  protected args!: ArgsOf<T>
  /** The daemon and `otp tail` end by themselves on Ctrl-C; any other command ends at once with 130. */
  protected readonly handlesInterrupt: boolean = false
  /** What to type next; told on stderr after the result, to people. */
  protected nextCommand: string | undefined
  /** Told on stderr after the result, in every format. */
  protected footnote: string | undefined

  /** Does the work; what it returns is printed to stdout. */
  protected abstract execute(): Promise<View | undefined>

  override async run(): Promise<void> {
    // oclif would take the first line of standard input for an argument that was left out.
    for (const arg of Object.values(this.ctor.args)) arg.ignoreStdin = true
    const { flags, args } = await this.parse(this.ctor as T)
    this.flags = flags as FlagsOf<T>
    this.args = args as ArgsOf<T>
    // Every write of ours is one atomic step, so there is no half state to clean up.
    if (!this.handlesInterrupt) surroundings().endOnInterrupt(EXIT.interrupted.code)
    const view = await this.execute()
    if (view !== undefined) await printView(view, this.format)
    if (this.footnote !== undefined) tell(this.footnote)
    if (this.nextCommand !== undefined && this.format === 'table') tellNext(this.nextCommand)
  }

  /** `main` reports it. oclif would set the exit code of the process, which may not be ours. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error)
  }

  /** The format in which the result is printed. */
  protected get format(): Format {
    const { json, output } = this.flags
    if (json) return 'json'
    return output === 'markdown' ? 'table' : output
  }

  /** Whether asking is forbidden by flag or environment. */
  protected get noInput(): boolean {
    return forbidsInput(this.flags['no-input'])
  }

  /**
   * Asks before something that hurts; refuses with exit code 7 where nobody can be asked (CLI-C11). What the
   * question needs to know is looked up only if it is asked.
   */
  protected async confirm(question: string | (() => Promise<string>), isConfirmed: boolean): Promise<void> {
    this.refuseUnasked(isConfirmed)
    if (isConfirmed || (await askYesNo(typeof question === 'string' ? question : await question()))) return
    throw localProblem('not_confirmed', 'not confirmed, nothing was changed', undefined, 'notConfirmed')
  }

  /** Refuses with exit code 7 at once if the question that comes later could not be asked. */
  protected refuseUnasked(isConfirmed: boolean): void {
    if (isConfirmed || canAsk(this.noInput)) return
    const message = 'this needs a confirmation, and nobody can be asked here'
    throw localProblem('not_confirmed', message, 'Pass --yes to confirm.', 'notConfirmed')
  }
}

/** A command that speaks to a daemon. */
export abstract class RemoteCommand<T extends typeof Command> extends LocalCommand<
  T & { baseFlags: typeof REMOTE_FLAGS }
> {
  static override baseFlags = { ...REMOTE_FLAGS, ...LOCAL_FLAGS }

  protected override async catch(error: Error): Promise<never> {
    const { explainRemoteError } = await import('./errors/remote.ts')
    // The flags are there unless they are what is wrong.
    const flags: Partial<typeof this.flags> = this.flags ?? {}
    throw await explainRemoteError(error, flags, this.config.version)
  }
}
