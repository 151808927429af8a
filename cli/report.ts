import { env, stderr } from 'node:process'
import { paint } from './color.ts'
import { EXIT, type ExitName } from './exit-codes.ts'
import { printData, tell, toJson } from './output.ts'
import { interrupted, Problem, type ProblemFields, usageProblem } from './problem.ts'
import { findNearest, makeSafe } from './text.ts'

/** The SDK's brand: its errors are known without loading it. */
const SDK_ERROR = Symbol.for('authctl.error')

/** An error of the API: of the SDK's `ApiError` what is told. */
interface ApiErrorShape {
  readonly message: string
  readonly code: string
  readonly status: number
  readonly requestId?: string | undefined
  readonly details?: readonly unknown[] | undefined
  readonly retryAfter?: number | undefined
}

/** An error of oclif's parser. */
interface ParseErrorShape {
  readonly message: string
  readonly flags?: readonly string[]
  readonly args?: readonly { readonly name?: string }[] | readonly string[]
  readonly parse?: { readonly input?: { readonly flags?: Record<string, unknown> } }
}

const exitOf = (status: number, code: string): ExitName => {
  if (code === 'policy_invalid') return 'invalidPolicy'
  // Asked to repeat the request: nothing is in conflict.
  if (code === 'idempotency_in_progress') return 'retryLater'
  if (status === 401 || status === 403) return 'auth'
  if (status === 409 || status === 412) return 'conflict'
  return status === 429 || status === 503 ? 'retryLater' : 'failure'
}

const hintOf = ({ status, code, retryAfter }: ApiErrorShape): string | undefined => {
  if (code === 'authentication_required' || code === 'invalid_token' || code === 'invalid_grant')
    return 'Sign in with: authctl login'
  if (status === 429 || status === 503)
    return typeof retryAfter === 'number' ? `Try again in ${retryAfter} seconds.` : 'Try again in a moment.'
  if (code === 'invalid_setup_token')
    return 'The daemon keeps the current one in the file setup-token of its data directory.'
  return code === 'already_bootstrapped'
    ? 'Sign in with: authctl login --role super-admin --username NAME'
    : undefined
}

/** The catalogue's sentences for these speak of the fields of an answer. */
const MESSAGES: Readonly<Record<string, string>> = {
  invalid_request: 'the server does not accept these values',
  policy_invalid: 'the server does not accept this policy',
}

const fromApi = (error: ApiErrorShape): ProblemFields => ({
  code: error.code,
  message: MESSAGES[error.code] ?? error.message,
  hint: hintOf(error),
  requestId: error.requestId,
  details: error.details?.length === 0 ? undefined : error.details,
  exit: exitOf(error.status, error.code),
})

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text

const fromUnknownFlags = (flags: readonly string[], known: readonly string[]): ProblemFields => {
  // Only the name: what follows `=` may be a secret.
  const names = flags.map((flag) => flag.split('=', 1)[0] ?? flag)
  const nearest = findNearest((names[0] ?? '').replace(/^-+/, ''), known)
  const { fields } = usageProblem(
    `unknown flag${names.length === 1 ? '' : 's'} ${names.join(', ')}`,
    nearest === undefined ? 'See the flags with --help.' : `Did you mean --${nearest}?`,
  )
  return fields
}

/** oclif's parser speaks in several lines; here it becomes one that names the mistake. */
const fromParser = (error: ParseErrorShape, name: string): ProblemFields => {
  const known = Object.keys(error.parse?.input?.flags ?? {})
  if (name === 'NonExistentFlagsError') return fromUnknownFlags(error.flags ?? [], known)
  const hint = 'See the usage with --help.'
  if (name === 'RequiredArgsError') {
    const names = (error.args ?? []).map((arg) =>
      (typeof arg === 'string' ? arg : (arg.name ?? '')).toUpperCase(),
    )
    return usageProblem(`missing ${names.join(', ')}`, hint).fields
  }
  if (name === 'UnexpectedArgsError') return usageProblem(firstLine(error.message).toLowerCase(), hint).fields
  const reasons = error.message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(See more help|The following errors? occurred)/.test(line))
  const text = reasons
    .join(' ')
    .replace(/Missing required flag (\S+)/g, 'missing --$1')
    .replace(/^Parsing (--\S+) (.)/, (_, flag: string, letter: string) => `${flag}: ${letter.toLowerCase()}`)
  return usageProblem(
    text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()),
    hint,
  ).fields
}

const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
}

const fromDaemon = (
  error: Error & { problems?: readonly string[]; code?: string; detail?: string },
): ProblemFields | undefined => {
  if (error.name === 'ConfigError')
    return {
      code: 'invalid_configuration',
      message: error.message,
      hint: 'See: authctl config print',
      details: error.problems,
      exit: 'failure',
    }
  if (error.name !== 'Failure') return undefined
  const code = error.code ?? 'failure'
  const status = code === 'already_bootstrapped' ? 409 : 400
  const message =
    error.detail ??
    (code === 'already_bootstrapped' ? 'another super-admin exists already' : code.replaceAll('_', ' '))
  return fromApi({ message, code, status })
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

/** What to tell about any error: those of the API, of the network, of the parser, of the daemon's own modules, of the file system. */
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
    return { code: 'file_system', message: `${path ?? 'a file'}: ${SYSTEM[code]}`, exit: 'failure' }
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

const detailLine = (detail: unknown): string => {
  if (typeof detail === 'string') return detail
  const { pointer, detail: text } = detail as { pointer?: string; detail?: string }
  return pointer === undefined ? toJson(detail, 0) : `${pointer}: ${text ?? ''}`
}

const tellProblem = ({ message, hint, requestId, details, code }: ProblemFields): void => {
  // A configuration error names its problems in its message already.
  const shown = code === 'invalid_configuration' ? firstLine(message) : message
  const id = requestId === undefined ? '' : ` (request ${makeSafe(requestId)})`
  tell(`${paint(stderr, 'red', 'Error:')} ${makeSafe(shown)}${id}`)
  for (const detail of details ?? []) tell(`  - ${makeSafe(detailLine(detail))}`)
  if (hint !== undefined) tell(hint)
}

/** Reports an error (C12, C18) and returns the exit code: an object on stdout under JSON, otherwise a line and a hint on stderr. */
export const reportError = (error: unknown, argv: readonly string[]): number => {
  const fields = describeError(error)
  if (wantsJson(argv)) {
    const { code, message, hint, requestId, details } = fields
    printData(toJson({ error: { code, message, hint, requestId, details } }))
  } else if (fields.exit !== 'interrupted') tellProblem(fields)
  if ((argv.includes('--debug') || (env['DEBUG'] ?? '') === 'authctl') && error instanceof Error)
    tell(error.stack ?? '')
  return EXIT[fields.exit].code
}
