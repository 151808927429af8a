import { homedir, userInfo } from 'node:os'

const known = (find: () => string | null): string | undefined => {
  try {
    return find() ?? undefined
  } catch {
    return undefined
  }
}

/**
 * Gives a user without an entry in the password file, as containers have them, what container runtimes give
 * it: `/` for a home. Libraries ask for both and end the process where there is none.
 */
export const provideHome = (env: NodeJS.ProcessEnv): void => {
  if ((env['HOME'] ?? '') === '') env['HOME'] = known(homedir) ?? '/'
  env['SHELL'] ??= known(() => userInfo().shell) ?? 'unknown'
}
