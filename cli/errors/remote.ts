import { chooseServer, folderServer, type ServerFlags } from '../connection/server.ts'
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

/** An error of a command that spoke to a daemon, with what only the command line knows of the call. */
export const explainRemoteError = async (error: Error, flags: ServerFlags): Promise<Error> => {
  const fields = describeError(error)
  const hint = await hintFor(fields, flags)
  return hint === undefined ? error : new Problem({ ...fields, hint }, error)
}
