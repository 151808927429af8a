import { string } from '@oclif/core/flags'
import { accountIdOf } from '../../accounts/find.ts'
import { KEPT_NOTE, EXPIRES, keyLife, policyFlag, withKeyView } from '../../applications/command.ts'
import { publicKeyFlag, readPublicKeys } from '../../applications/public-key.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedAccount, namedPolicy, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'

/** A new application with its first key. */
export default class ApplicationsCreate extends RemoteCommand<typeof ApplicationsCreate> {
  static override summary = 'Create an application that acts for an account, and show its service key once'
  static override description =
    'It may do what its owner may do; with --policy no more than these policies allow as well.'
  static override examples = [
    '<%= config.bin %> applications create --name Reports --policy root/orders-clerk',
    '<%= config.bin %> applications create --name Shop --owner namma.rides --expires-days 90',
    '<%= config.bin %> applications create --name Shop --public-key shop.pem --expires-days 1',
    '$ <%= config.bin %> applications create --name Shop --json | jq -r .service_key > key',
  ]
  static override flags = {
    name: string({ required: true, summary: 'Display name' }),
    owner: string({
      helpValue: 'ID|USERNAME',
      summary:
        'The account that it acts for, by its id or its username; default: yours. A super-admin names one',
    }),
    policy: policyFlag('It may do no more than this policy allows; may be repeated'),
    'public-key': publicKeyFlag(
      'A public key (PEM or JWK) by whose private half it may prove itself; may be repeated',
    ),
    ...EXPIRES,
  }

  protected override async execute(): Promise<View> {
    const { name, owner, policy } = this.flags
    const files = this.flags['public-key']
    const keys = files && (await readPublicKeys(files))
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const owner_id = owner === undefined ? undefined : await accountIdOf(client, owner)
    const created = await orNotFound(
      client.applications.create({
        name,
        ...(owner_id === undefined ? {} : { owner_id }),
        ...(policy === undefined ? {} : { policies: policy }),
        ...(keys && { jwks: { keys } }),
        ...keyLife(this.flags['expires-days']),
      }),
      owner_id === undefined ? undefined : namedAccount(owner_id),
      ...(policy ?? []).map(namedPolicy),
    )
    this.footnote = KEPT_NOTE
    return withKeyView(created)
  }
}
