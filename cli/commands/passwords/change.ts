import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { requireAcceptablePassword } from '../../host/daemon.ts'
import { readSecret } from '../../input/prompt.ts'
import { recordView, tell, type View } from '../../output/print.ts'

/** Changes one's own password. */
export default class PasswordsChange extends RemoteCommand<typeof PasswordsChange> {
  static override summary = 'Change your password; every other session of yours ends'
  static override description = 'Both passwords are asked for, or read from files; never from a flag.'
  static override examples = [
    '<%= config.bin %> passwords change',
    '<%= config.bin %> passwords change --current-password-file old.txt --new-password-file new.txt',
  ]
  static override flags = {
    'current-password-file': string({ helpValue: 'PATH', summary: 'Read the present password from a file' }),
    'new-password-file': string({ helpValue: 'PATH', summary: 'Read the new password from a file' }),
  }

  protected override async execute(): Promise<View> {
    const { 'current-password-file': currentFile, 'new-password-file': newFile } = this.flags
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const current_password = await readSecret({
      what: 'present password',
      file: currentFile,
      noInput: this.noInput,
      question: 'Present password: ',
      hint: 'Pass --current-password-file PATH.',
    })
    const new_password = await readSecret({
      what: 'password',
      file: newFile,
      noInput: this.noInput,
      twice: true,
      question: 'New password (15 characters or more): ',
      hint: 'Pass --new-password-file PATH.',
    })
    await requireAcceptablePassword(new_password)
    const reply = await client.passwords.change({ current_password, new_password })
    tell('Changed. Every other session of yours has ended.')
    return recordView(reply, { changed: true }, 'changed')
  }
}
