import { EXIT, type ExitName } from './exit-codes.ts'

/**
 * What a failed command tells: what failed and why, what to do next, the request id to give to the operator.
 */
export interface ProblemFields {
  /** Stable: a code of the API's catalogue, or one of the command line's own. */
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  readonly requestId?: string | undefined
  readonly details?: readonly unknown[] | undefined
  /** For people in the place of the details; of several lines, and safe to print. */
  readonly excerpt?: string | undefined
  /** By which a denial can be explained. */
  readonly decisionId?: string | undefined
  readonly exit: ExitName
}

/** The one throwable of the command line. Never carries a secret. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly fields: ProblemFields

  constructor(fields: ProblemFields, cause?: unknown) {
    super(fields.message, cause === undefined ? undefined : { cause })
    this.fields = fields
  }

  /** The exit code of the process. */
  get exitCode(): number {
    return EXIT[this.fields.exit].code
  }
}

/** Wrong usage: exit code 64. */
export const usageProblem = (message: string, hint?: string): Problem =>
  new Problem({ code: 'usage', message, hint, exit: 'usage' })

/** Anything of the host that went wrong: exit code 1 unless told otherwise. */
export const localProblem = (
  code: string,
  message: string,
  hint?: string,
  exit: ExitName = 'failure',
): Problem => new Problem({ code, message, hint, exit })

/** The reader pressed Ctrl-C at a prompt: exit code 130. */
export const interrupted = (): Problem =>
  new Problem({ code: 'interrupted', message: 'interrupted', exit: 'interrupted' })
