import { chooseServer, folderServer, type ServerFlags } from '../connection/server.ts'
import { probeVersion } from '../doctor/probe.ts'
import { isAuthctl, notAuthctl } from '../connection/own-answers.ts'
import { compareVersions } from '../doctor/versions.ts'
import { Problem, type ProblemFields } from '../problem.ts'
import { surroundings } from '../surroundings.ts'
import { describeError } from './report.ts'

const TOKEN_REFUSED: readonly string[] = ['invalid_token', 'authentication_required']

/** Which server was asked and why, and where the daemon of this folder would be if that is another. */
const whereAsked = async (flags: ServerFlags): Promise<string> => {
  const { url, why } = await chooseServer(flags)
  const own = why === 'that of the last login' ? await folderServer() : undefined
  const other = own === undefined || own.url === url ? '' : ` That of this folder would be ${own.url}.`
  return `Asked ${url}, ${why}; name another with --server.${other} Is the daemon running? See: authctl doctor`
}

/** A token of the environment is used instead of any session, so signing in would change nothing. */
const whichToken = (): string | undefined => {
  const { env } = surroundings()
  const name = ['AUTHCTL_TOKEN', 'AUTHCTL_TOKEN_FILE'].find((variable) => (env[variable] ?? '') !== '')
  return name === undefined
    ? undefined
    : `The token came from ${name}, which wins over any session: set a fresh one, or unset it and sign in with: authctl login`
}

const hintFor = async ({ exit, code }: ProblemFields, flags: ServerFlags): Promise<string | undefined> => {
  if (exit === 'unreachable') return await whereAsked(flags)
  return TOKEN_REFUSED.includes(code) ? whichToken() : undefined
}

/** What an older server answers to a path, a method or a field that it does not know. */
const MAY_BE_OLD: readonly string[] = ['not_found', 'method_not_allowed', 'invalid_request']
const PROBE_MS = 2000

/** Says that the server is older, where that may be why it refuses (CLI-C29). */
const olderServer = async (
  { code }: ProblemFields,
  flags: ServerFlags,
  ownVersion: string,
): Promise<string | undefined> => {
  if (!MAY_BE_OLD.includes(code)) return undefined
  const { url } = await chooseServer(flags)
  const version = await probeVersion(url, PROBE_MS)
  return version === undefined || compareVersions(version, ownVersion) >= 0
    ? undefined
    : `The server is authctl ${version}, older than this command line (${ownVersion}): it may not know what was asked. Upgrade it, or use the command line of its version.`
}

/** The codes of the daemon; what others answer has a code such as `http_404` or `Not Found`. */
const OWN_CODE = /^[a-z]+(?:_[a-z]+)*$/

/** Says that no daemon was reached, where that is why an answer is not one. Gateways before it answer 5xx. */
const orNotAuthctl = async (error: Error, flags: ServerFlags): Promise<Error> => {
  const isOdd = 'status' in error && Number(error.status) < 500 && !OWN_CODE.test(describeError(error).code)
  if (!isOdd) return error
  const { url } = await chooseServer(flags)
  return (await isAuthctl(url)) ? error : notAuthctl(url)
}

/** An error of a command that spoke to a daemon, with what only the command line knows of the call. */
export const explainRemoteError = async (
  thrown: Error,
  flags: ServerFlags,
  ownVersion: string,
): Promise<Error> => {
  const error = await orNotAuthctl(thrown, flags)
  const fields = describeError(error)
  const hint = await hintFor(fields, flags)
  // What was refused here, before anything was sent, has no request id.
  const older = fields.requestId === undefined ? undefined : await olderServer(fields, flags, ownVersion)
  if (hint === undefined && older === undefined) return error
  const hints = [hint ?? fields.hint, older].filter((each) => each !== undefined)
  return new Problem({ ...fields, hint: hints.join('\n') }, error)
}
