import { knownAccount, namespaceOf } from '../../connection/acting.ts'
import type { Connection } from '../../connection/client.ts'
import { RemoteCommand } from '../../base-command.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'
import { whereAllowed } from '../../errors/allowed.ts'
import { namedNamespace, orNotFound } from '../../errors/not-found.ts'
import { recordView, type View } from '../../output/print.ts'
import { fileArg } from '../../policies/args.ts'
import { putText, readPolicyText } from '../../policies/text.ts'
import { putOverPresent } from '../../policies/put.ts'

/**
 * The hash of the service that is declared in just this namespace; those of the namespaces above are others.
 */
const hashOf = async (
  { client, source }: Connection,
  name: string,
  named: string | undefined,
): Promise<string | undefined> => {
  const self = knownAccount(source) ?? (await whereAllowed(client.auth.me()))
  const namespace = named ?? (self && namespaceOf(self))
  const { items } = await client.services.list()
  return items.find((each) => each.service['service'] === name && each.namespace === namespace)?.hash
}

/** Declares a service of an application. */
export default class ServicesPut extends RemoteCommand<typeof ServicesPut> {
  static override summary =
    'Declare a service of an application from a file: its actions, resources and context keys'
  static override description =
    'Policies in the namespace, and in those below it, can then name its actions. Its name is the `service` of the file. Errors are told by line and column, and the exit code is 3. An item of `services list --json` is taken as well.'
  static override examples = [
    '<%= config.bin %> services put policies/services/orders.json',
    '<%= config.bin %> services put - --namespace adm_01j… < orders.json',
  ]
  static override args = {
    file: fileArg,
  }
  static override flags = { ...NAMESPACE_FLAG }

  protected override async execute(): Promise<View> {
    const source = await readPolicyText(this.args.file, 'service')
    const namespace = this.flags.namespace ?? source.from.namespace
    const name = source.ownName ?? ''
    const { connect } = await import('../../connection/client.ts')
    const connection = await connect(this.flags)
    const stored = await putText(source, (text) =>
      orNotFound(
        putOverPresent({
          ifMatch: undefined,
          present: () => hashOf(connection, name, namespace),
          put: (ifMatch) => connection.client.services.put(name, text, { namespace, ifMatch }),
        }),
        namespace === undefined ? undefined : namedNamespace(namespace),
      ),
    )
    return recordView(stored, { service: name, namespace: stored.namespace, hash: stored.hash }, 'service')
  }
}
