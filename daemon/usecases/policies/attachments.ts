import type { Attachment } from '../../../policies/index.ts'
import { validateAttachments } from '../../../policies/validate/index.ts'
import { Failure } from '../../domain/failure.ts'
import {
  fullName,
  splitName,
  type OwnedNamespace,
  type PolicySnapshot,
} from '../../domain/policy-snapshot.ts'
import { requireMatch } from '../../domain/precondition.ts'
import type { Principal } from '../../domain/session.ts'
import type { Deps } from '../deps.ts'
import { fieldErrorsOf } from './diagnostic-errors.ts'
import { createNamespaceAccess } from './reach.ts'
import { MANAGED_NAMES, type Writing } from './documents.ts'
import { initialNamespace } from './namespaces.ts'

/** What a namespace attaches by selectors. */
export interface AttachmentList {
  readonly namespace: string
  /** The revision of the namespace: the entity tag. */
  readonly revision: string
  readonly attachments: readonly Attachment[]
}

/** The revision of a namespace before its first change. */
const INITIAL = 'initial'

/**
 * The attachments of a namespace as one list. At the root they begin with the managed policy of each role,
 * which operators can narrow there.
 */
export const createAttachments = (deps: Pick<Deps, 'policies' | 'store' | 'edit'>) => {
  const { policies, edit } = deps
  const { writable } = createNamespaceAccess(deps)

  const read = (snapshot: PolicySnapshot, home: OwnedNamespace): AttachmentList => {
    const { id, revision } = snapshot.namespaces.get(home.name) ?? initialNamespace(home)
    return { namespace: home.name, revision: id ?? INITIAL, attachments: revision.attachments }
  }

  const get = async (principal: Principal, namespace: string | undefined): Promise<AttachmentList> =>
    read(policies.current(), await writable(principal, namespace))

  /**
   * Replaces the list. Throws `policy_invalid`, `exceeds_ceiling`, `would_lock_out`, and the refusals of the
   * precondition.
   */
  const put = async (
    request: Writing & { namespace: string | undefined; text: string },
  ): Promise<AttachmentList> => {
    const { principal, text, precondition, origin } = request
    const home = await writable(principal, request.namespace)
    const edited = await edit(
      { principal, namespace: home, origin, event: 'attachments-put', about: home.name },
      (base, snapshot) => {
        const all = [...home.above, home.name].flatMap((name) =>
          [...(snapshot.namespaces.get(name)?.policies.keys() ?? [])].map((id) => `${name}/${id}`),
        )
        const attachable = [...MANAGED_NAMES, ...all]
        const { attachments, diagnostics } = validateAttachments(text, {
          file: 'attachments.json',
          isAttachable: (name) => attachable.includes(fullName(name, home.name)),
          names: attachable.map((name) => (name.startsWith(`${home.name}/`) ? splitName(name).name : name)),
        })
        if (attachments === undefined)
          throw new Failure('policy_invalid', { errors: fieldErrorsOf(diagnostics) })
        requireMatch(precondition, base.id ?? INITIAL)
        return { attachments, result: undefined }
      },
    )
    return read(edited.snapshot, home)
  }

  return { get, put }
}
