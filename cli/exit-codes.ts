/**
 * What each exit code of `authctl` means. Stable: scripts depend on them. Shown by `authctl help exit-codes`.
 */
export const EXIT = {
  ok: { code: 0, meaning: 'done' },
  failure: { code: 1, meaning: 'failed; the message says why' },
  changes: { code: 2, meaning: 'changes present: `policies plan --exit-code`, `policies status --fail-on`' },
  invalidPolicy: { code: 3, meaning: 'invalid policy: errors in a policy, a service or an attachment' },
  auth: { code: 4, meaning: 'not signed in, or not allowed' },
  conflict: { code: 5, meaning: 'conflict: it exists already, or has changed since it was read' },
  policyTests: { code: 6, meaning: 'policy tests failed, or a bound of `policies test` is missed' },
  notConfirmed: { code: 7, meaning: 'not confirmed: answer the question or pass --yes' },
  denied: { code: 8, meaning: 'denied: the answer of `access check --exit-code`' },
  behind: { code: 9, meaning: 'applied, but a daemon decides by an older revision: `policies apply --wait`' },
  usage: { code: 64, meaning: 'wrong usage: unknown command or flag, missing or bad value' },
  unreachable: { code: 69, meaning: 'the server cannot be reached, is no daemon, or did not answer in time' },
  retryLater: { code: 75, meaning: 'too many requests or overloaded: try again later' },
  interrupted: { code: 130, meaning: 'interrupted (Ctrl-C)' },
} as const

/** A name of the table of exit codes. */
export type ExitName = keyof typeof EXIT
