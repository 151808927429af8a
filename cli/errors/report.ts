import { type ApiErrorShape, fromApi } from './from-api.ts'
import { paint } from '../output/color.ts'
import { EXIT } from '../exit-codes.ts'
import { describeDetail } from './fields.ts'
import { toJson } from '../output/json.ts'
import { printData, tell, tellNext } from '../output/print.ts'
import { firstLine, fromParser } from './from-parser.ts'
import { interrupted, Problem, type ProblemFields } from '../problem.ts'
import { makeSafe } from '../output/text.ts'
import { asTyped } from '../command-name.ts'
import { surroundings } from '../surroundings.ts'

/** The SDK's brand: its errors are known without loading it. */
const SDK_ERROR = Symbol.for('authctl.error')

const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  EEXIST: 'it exists already',
  ENOTDIR: 'a part of the path is not a directory',
}

const fromDaemon = (
  error: Error & {
    problems?: readonly string[]
    code?: string
    detail?: string
    errors?: readonly unknown[]
  },
): ProblemFields | undefined => {
  if (error.name === 'ConfigError')
    return {
      code: 'invalid_configuration',
      message: error.message,
      hint: 'Correct it where it stands, and check again with: authctl doctor',
      details: error.problems,
      exit: 'failure',
    }
  if (error.name !== 'Failure') return undefined
  const code = error.code ?? 'failure'
  const status = code === 'already_bootstrapped' ? 409 : 400
  const message =
    error.detail ??
    (code === 'already_bootstrapped' ? 'another super-admin exists already' : code.replaceAll('_', ' '))
  return fromApi({ message, code, status, details: error.errors })
}

/** The innermost reason of a failed connection, such as `connect ECONNREFUSED 127.0.0.1:8000`. */
const reasonOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  return reasonOf(error.cause) ?? error.message
}

const fromSdk = (error: Error & { code: string; status?: number }): ProblemFields => {
  const { code, message, status } = error
  if (status !== undefined) return fromApi(error as Error & ApiErrorShape)
  switch (code) {
    case 'network':
    case 'timeout': {
      const reason = code === 'network' ? reasonOf(error.cause) : undefined
      const hint = 'Is the daemon running, and is --server right? See: authctl doctor'
      return {
        code,
        message: reason === undefined ? message : `${message}: ${reason}`,
        hint,
        exit: 'unreachable',
      }
    }
    case 'aborted':
      return interrupted().fields
    case 'not_signed_in':
      return { code, message: 'the session is over', hint: 'Sign in with: authctl login', exit: 'auth' }
    default:
      return { code, message, exit: 'failure' }
  }
}

const PARSER =
  /^(?:NonExistentFlags|RequiredArgs|UnexpectedArgs|InvalidArgsSpec|FlagInvalidOption|ArgInvalidOption|FailedFlagValidation|ViolatedFlagConstraint|CLI|CLIParse)Error$/

/**
 * What to tell about any error: those of the API, of the network, of the parser, of the daemon's own modules,
 * of the file system.
 */
export const describeError = (error: unknown): ProblemFields => {
  if (error instanceof Problem) return error.fields
  if (!(error instanceof Error)) return { code: 'internal', message: String(error), exit: 'failure' }
  if (SDK_ERROR in error) return fromSdk(error as unknown as Error & { code: string })
  const { name } = error.constructor
  if (PARSER.test(name) || error.message.startsWith('Parsing --')) return fromParser(error, name)
  const daemon = fromDaemon(error)
  if (daemon !== undefined) return daemon
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (syscall === 'listen') {
    const hint =
      code === 'EADDRINUSE'
        ? 'Another process has this port: stop it, or pass --port.'
        : 'Check --host and --port.'
    return { code: 'cannot_listen', message: error.message, hint, exit: 'failure' }
  }
  if (code === 'ERR_OPEN_TO_OTHERS') return { code: 'file_system', message: error.message, exit: 'failure' }
  if (code !== undefined && SYSTEM[code] !== undefined)
    return {
      code: 'file_system',
      message: `${path ?? 'a file'}: ${SYSTEM[code]}`,
      exit: code === 'EEXIST' ? 'conflict' : 'failure',
    }
  const hint = 'This looks like a defect of authctl; --debug shows where.'
  return { code: 'internal', message: error.message, hint, exit: 'failure' }
}

/** Whether the arguments ask for JSON; decided before parsing, since parsing may be what fails. */
export const wantsJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--')
  const own = end === -1 ? argv : argv.slice(0, end)
  return own.some(
    (arg, index) =>
      arg === '--json' ||
      arg === '--output=json' ||
      arg === '-ojson' ||
      arg === '-o=json' ||
      ((arg === '--output' || arg === '-o') && own[index + 1] === 'json'),
  )
}

const MAX_DETAILS = 20

const tellDetails = ({ message, details = [], excerpt }: ProblemFields): void => {
  if (excerpt !== undefined) return tell(excerpt)
  // One that repeats the message says nothing new, whatever field it names.
  const news = details.filter(
    (detail) => detail !== message && (detail as { detail?: unknown }).detail !== message,
  )
  const lines = [...new Set(news.map(describeDetail))]
  for (const line of lines.slice(0, MAX_DETAILS)) tell(`  - ${makeSafe(line)}`)
  const more = lines.length - MAX_DETAILS
  if (more > 0) tell(`  - and ${more} more; all of them with --json`)
}

const tellProblem = (fields: ProblemFields): void => {
  const { message, hint, requestId, code, decisionId } = fields
  // A configuration error names its problems in its message already.
  const shown = code === 'invalid_configuration' ? firstLine(message) : message
  const id = requestId === undefined ? '' : ` (request ${makeSafe(requestId)})`
  tell(`${paint(surroundings().stderr, 'red', 'Error:')} ${makeSafe(shown)}${id}`)
  tellDetails(fields)
  if (hint !== undefined) tell(asTyped(hint))
  if (decisionId !== undefined) tellNext(`authctl access explain --decision ${makeSafe(decisionId)}`)
}

/**
 * Reports an error (CLI-C12, CLI-C18) and returns the exit code: an object on stdout under JSON, otherwise a
 * line and a hint on stderr.
 */
export const reportError = (error: unknown, argv: readonly string[]): number => {
  const fields = describeError(error)
  if (wantsJson(argv)) {
    const { code, message, hint, requestId, decisionId, details } = fields
    printData(toJson({ error: { code, message, hint, requestId, decisionId, details } }))
  } else if (fields.exit !== 'interrupted') tellProblem(fields)
  if (
    (argv.includes('--debug') || (surroundings().env['DEBUG'] ?? '') === 'authctl') &&
    error instanceof Error
  )
    tell(error.stack ?? '')
  return EXIT[fields.exit].code
}
