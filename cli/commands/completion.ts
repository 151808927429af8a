import { string as stringArg } from '@oclif/core/args'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LocalCommand } from '../base-command.ts'
import { printData, type View } from '../output/print.ts'

const SHELLS = ['bash', 'zsh', 'powershell', 'fish'] as const

/** Prints the script by which a shell completes commands, flags and values. */
export default class Completion extends LocalCommand<typeof Completion> {
  static override summary = 'Print the completion of commands and flags for a shell'
  static override description = `To install it, have the shell ask for it: the script then always fits the version that is installed.

bash (with the package bash-completion), in ~/.local/share/bash-completion/completions/authctl; without that package, in ~/.bashrc:
  source <(authctl completion bash)

zsh, in ~/.zshrc below compinit:
  source <(authctl completion zsh)

fish, in ~/.config/fish/completions/authctl.fish:
  authctl completion fish | source

PowerShell 7, in the file that $PROFILE names (Windows PowerShell 5.1 cannot read the script):
  authctl completion powershell | Out-String | Invoke-Expression`
  static override examples = [
    '$ source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion fish | source',
  ]
  static override args = {
    shell: stringArg({
      required: true,
      options: [...SHELLS],
      description: 'The shell',
    }),
  }

  protected override async execute(): Promise<View | undefined> {
    printData(readFileSync(join(this.config.root, 'dist/completion', this.args.shell), 'utf8').trimEnd())
    return undefined
  }
}
