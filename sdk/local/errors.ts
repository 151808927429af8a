import { AuthctlError } from '../errors.ts'

/** What the daemon sent cannot be decided by; `code` says why, and the message what to do. */
export class SnapshotError extends AuthctlError {}

/** The policies are not at hand in time; its cause is what went wrong last. */
export class NotReadyError extends AuthctlError {
  constructor(isClosed: boolean, cause: unknown) {
    super('not_ready', isClosed ? 'the decider is closed' : 'the policies are not at hand', { cause })
  }
}
