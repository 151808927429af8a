import { LocalCommand } from '../../base-command.ts'
import { contextArg } from '../../connection/context-arg.ts'
import { useContext } from '../../connection/contexts.ts'
import { recordView, type View } from '../../output/print.ts'

/** Makes a context the current one. */
export default class ContextUse extends LocalCommand<typeof ContextUse> {
  static override summary = 'Make a context the current one: commands that name none act in it'
  static override examples = ['<%= config.bin %> context use production']
  static override args = { name: contextArg }

  protected override async execute(): Promise<View> {
    return recordView({ ...useContext(this.args.name) }, undefined, 'name')
  }
}
