import { shellWord } from '../../output/shell-word.ts'
import type { Asked } from '../source.ts'
import type { SetFlags } from './request.ts'

type PlanFlags = SetFlags & { readonly server?: string | undefined; readonly out?: string | undefined }

/** The flags of a plan, as they are typed again for its apply. */
const flagsOf = (flags: SetFlags & { readonly server?: string | undefined }): string[] => [
  ...(flags.server === undefined ? [] : ['--server', flags.server]),
  ...(flags.namespace === undefined ? [] : ['--namespace', flags.namespace]),
  ...(flags.prune ? ['--prune'] : []),
  ...(flags['prune-used'] ? ['--prune-used'] : []),
  ...(flags.adopt ?? []).flatMap((name) => ['--adopt', name]),
  ...(flags['allow-lockout'] ? ['--allow-lockout'] : []),
  ...(['max-gain', 'max-lose', 'max-deletes'] as const).flatMap((name) => {
    const value = flags[name]
    return value === undefined ? [] : [`--${name}`, String(value)]
  }),
]

/** What was named, as it is typed again. */
const namedAs = ({ path, filename = [], recursive }: Asked): string[] => [
  ...(path === undefined ? [] : [path]),
  ...filename.flatMap((name) => ['-f', name]),
  ...(recursive === true ? ['-R'] : []),
]

/** The command that applies just what was planned; without a plan file, what was named and nothing else. */
export const applyCommand = (asked: Asked, flags: PlanFlags): string => {
  const server = flags.server === undefined ? [] : ['--server', flags.server]
  const { path, ...named } = asked
  const words =
    flags.out === undefined
      ? [...namedAs(asked), ...flagsOf(flags)]
      : [flags.out, ...(path === undefined ? namedAs(named) : []), ...server]
  return ['authctl', 'policies', 'apply', ...words].map(shellWord).join(' ')
}

/** What another account runs to approve the plan; without a plan file, how to make one. */
export const approveCommand = (asked: Asked, flags: PlanFlags): string =>
  [
    'authctl',
    'policies',
    ...(flags.out === undefined
      ? ['plan', ...namedAs(asked), ...flagsOf(flags), '--out', 'plan.json']
      : ['approve', flags.out]),
  ]
    .map(shellWord)
    .join(' ')
