import type { Service } from '../../../policies/index.ts'
import { validateService } from '../../../policies/validate/index.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { requireMatch } from '../../domain/precondition.ts'
import type { Principal } from '../../domain/session.ts'
import type { Deps } from '../deps.ts'
import { fieldErrorsOf } from './diagnostic-errors.ts'
import { createNamespaceAccess, visibleNamespaces } from './reach.ts'
import type { Writing } from './documents.ts'

/** A service of an application as a namespace declares it. */
export interface StoredService {
  readonly namespace: string
  readonly hash: string
  readonly service: Service
}

/**
 * What applications declare: the actions, resource types and context keys that policies of the namespace, and
 * of those below, may name.
 */
export const createServices = (deps: Pick<Deps, 'policies' | 'store' | 'edit'>) => {
  const { policies, edit } = deps
  const { writable } = createNamespaceAccess(deps)

  const inNamespace = (snapshot: PolicySnapshot, namespace: string): StoredService[] =>
    [...(snapshot.namespaces.get(namespace)?.services.values() ?? [])].map(({ hash, service }) => ({
      namespace,
      hash,
      service,
    }))

  /** Those that the caller sees: of the namespaces above it, and its own. */
  const list = (principal: Principal): StoredService[] =>
    visibleNamespaces(principal).flatMap((name) => inNamespace(policies.current(), name))

  /**
   * Declares a service, or declares it anew; what is stored must be valid by it. Throws `policy_invalid`,
   * `policy_in_use`.
   */
  const put = async (
    request: Writing & { name: string; namespace: string | undefined; text: string },
  ): Promise<{ stored: StoredService; created: boolean }> => {
    const { principal, name, text, precondition, origin } = request
    const home = await writable(principal, request.namespace)
    const { service, diagnostics } = validateService(text, { file: `${name}.json` })
    if (service === undefined) throw new Failure('policy_invalid', { errors: fieldErrorsOf(diagnostics) })
    if (service.service !== name) {
      const detail = `service is ${service.service}, but it is put as ${name}.`
      throw new Failure('policy_invalid', { errors: [{ pointer: '/service', code: 'E_VALUE', detail }] })
    }
    const editing = { principal, namespace: home, origin, event: 'service-put', about: name }
    const { result: created, snapshot } = await edit(editing, (base) => {
      const present = base.services.get(name)
      requireMatch(precondition, present?.hash)
      return { services: { [name]: { value: service } }, result: present === undefined }
    })
    const stored = inNamespace(snapshot, home.name).find((each) => each.service.service === name)
    return { stored: stored ?? notFound(), created }
  }

  /** Takes a service back that no policy of the namespace names. Throws `policy_in_use`. */
  const remove = async (
    request: Writing & { name: string; namespace: string | undefined },
  ): Promise<void> => {
    const { principal, name, precondition, origin } = request
    const home = await writable(principal, request.namespace)
    const editing = { principal, namespace: home, origin, event: 'service-delete', about: name }
    await edit(editing, (base) => {
      const present = base.services.get(name)
      if (present === undefined) return notFound()
      if (precondition.ifMatch !== undefined) requireMatch(precondition, present.hash)
      return { services: { [name]: null }, result: undefined }
    })
  }

  return { list, put, remove }
}
