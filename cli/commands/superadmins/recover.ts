import { boolean } from '@oclif/core/flags'
import { LocalCommand } from '../../base-command.ts'
import { onHost } from '../../host/daemon.ts'
import { recordView, tell, type View } from '../../output/print.ts'

/** The way back for an installation whose super-admins may no longer change its policies. */
export default class SuperadminsRecover extends LocalCommand<typeof SuperadminsRecover> {
  static override summary = 'Give every super-admin its full rights back; on the host, through the store'
  static override description =
    'For when nobody is left who may change the policies of the root. Takes attached policies and boundaries from super-admins, and what the attachments of the root say about them, so that authctl:SuperAdmin is all that they have. Other roles, and the policies themselves, stay as they are. Works whether or not the daemon runs, within a second on all.'
  static override examples = ['<%= config.bin %> superadmins recover']
  static override flags = { yes: boolean({ char: 'y', summary: 'Confirm without being asked' }) }

  protected override async execute(): Promise<View> {
    tell('On this host, through the store.')
    await this.confirm('Take everything that narrows super-admins away?', this.flags.yes)
    const { attachments, freed } = await onHost((host) => host.recoverRoot())
    this.nextCommand = 'authctl login --role super-admin --username NAME'
    return recordView({ attachments, freed: [...freed] })
  }
}
