import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { LocalCommand } from '../../base-command.ts'
import { addContext, contextsPath } from '../../connection/contexts.ts'
import { parseServer } from '../../connection/server.ts'
import { formed } from '../../input/forms.ts'
import { recordView, tell, type View } from '../../output/print.ts'

/** Gives a daemon a name. */
export default class ContextAdd extends LocalCommand<typeof ContextAdd> {
  static override summary = 'Give a daemon a name to act under, with a sign-in of its own'
  static override description =
    'Which context a command acts in: --context, else AUTHCTL_CONTEXT, else the context of .authctl.yaml in the repository (one line: `context: NAME`), else the current one. Each has a sign-in of its own, which is sent to its server only. In a protected one nothing is changed before its name was typed, or passed with --yes --context NAME.'
  static override examples = [
    '<%= config.bin %> context add local --server http://127.0.0.1:8000 --use',
    '<%= config.bin %> context add production --server https://auth.example.com --protected',
  ]
  static override args = {
    name: stringArg({
      required: true,
      description: 'Its name here',
      ...formed('context'),
    }),
  }
  static override flags = {
    server: string({ required: true, helpValue: 'URL', summary: 'The base URL of the daemon' }),
    protected: boolean({ summary: 'Ask for its name before anything is changed there' }),
    use: boolean({ summary: 'Make it the current one' }),
  }

  protected override async execute(): Promise<View> {
    const { name } = this.args
    // A switch that is not there has no value.
    const [use, isProtected] = [this.flags.use === true, this.flags.protected === true]
    const server = parseServer(this.flags.server, '--server')
    addContext({ name, server, protected: isProtected }, { use })
    tell(`Kept in ${contextsPath()}.`)
    this.nextCommand = `authctl login${use ? '' : ` --context ${name}`}`
    return recordView({ name, server, protected: isProtected }, undefined, 'name')
  }
}
