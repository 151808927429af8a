import type { SetFlags } from './request.ts'

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** The flags of a plan, as they are typed again for its apply. */
const flagsOf = (flags: SetFlags & { readonly server?: string | undefined }): string[] => [
  ...(flags.server === undefined ? [] : ['--server', flags.server]),
  ...(flags.namespace === undefined ? [] : ['--namespace', flags.namespace]),
  ...(flags.prune ? ['--prune'] : []),
  ...(flags.adopt ?? []).flatMap((name) => ['--adopt', name]),
  ...(flags['allow-lockout'] ? ['--allow-lockout'] : []),
  ...(['max-gain', 'max-lose', 'max-deletes'] as const).flatMap((name) => {
    const value = flags[name]
    return value === undefined ? [] : [`--${name}`, String(value)]
  }),
]

/** The command that applies just what was planned. */
export const applyCommand = (
  path: string,
  flags: SetFlags & { readonly server?: string | undefined; readonly out?: string | undefined },
): string => {
  const server = flags.server === undefined ? [] : ['--server', flags.server]
  const words = flags.out === undefined ? [path, ...flagsOf(flags)] : [flags.out, ...server]
  return ['authctl', 'policies', 'apply', ...words].map(quoted).join(' ')
}
