import { string as stringArg } from '@oclif/core/args'
import { RemoteCommand } from '../../base-command.ts'
import { namedRevision, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { NAMESPACE_FLAG } from '../../policies/namespace.ts'

/** One revision with everything in it. */
export default class PoliciesShow extends RemoteCommand<typeof PoliciesShow> {
  static override summary = 'Show one revision of your policies with everything that is in it'
  static override examples = [
    '<%= config.bin %> policies show 42',
    '<%= config.bin %> policies show 42 --json > revision-42.json',
  ]
  static override args = {
    revision: stringArg({
      required: true,
      description: 'Its number, or its id',
    }),
  }
  static override flags = NAMESPACE_FLAG

  protected override async execute(): Promise<View> {
    const { revision: named } = this.args
    const { connect } = await import('../../connection/client.ts')
    const { originWords, readRevision } = await import('../../policies/plan/objects.ts')
    const { client } = await connect(this.flags)
    const revision = await orNotFound(readRevision(client, named, this.flags.namespace), namedRevision(named))
    const { objects, ...about } = revision
    return {
      data: revision,
      rows: [{ ...about }],
      columns: [
        'number',
        'id',
        'namespace',
        'created_at',
        'event',
        'set',
        'commit',
        'dirty',
        'actor',
        'approved_by',
      ],
      isRecord: true,
      nameColumn: 'id',
      more: [
        {
          rows: objects.map(({ kind, name, origin }) => ({ kind, name, from: originWords(origin) })),
          columns: ['kind', 'name', 'from'],
        },
      ],
    }
  }
}
