import type { Command, Config } from '@oclif/core'

/** Names that `authctl complete` tells. */
type Kind = 'contexts' | 'policies' | 'accounts'

const FLAGS: Readonly<Record<string, Kind>> = {
  context: 'contexts',
  policy: 'policies',
  boundary: 'policies',
  account: 'accounts',
}

/** The names that stand in the place of a flag's value; undefined if it is no name. */
export const valuesOfFlag = (name: string): Kind | undefined =>
  Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined

const ofArgument = (id: string, name: string): Kind | undefined => {
  if (name === 'account') return 'accounts'
  if (name !== 'name') return undefined
  if (id.startsWith('policies:')) return 'policies'
  return /^context:(?:use|remove)$/.test(id) ? 'contexts' : undefined
}

/** The arguments of a command that are names, by their place, counted from 1. */
export const valuesOfArguments = ({ id, args }: Command.Loadable): { place: number; kind: Kind }[] =>
  Object.keys(args).flatMap((name, index) => {
    const kind = ofArgument(id, name)
    return kind === undefined ? [] : [{ place: index + 1, kind }]
  })

/** What is typed before a name, as words with the place of the name at their end, and what kind it is. */
const places = (config: Config): [typed: string, kind: Kind][] =>
  config.commands.flatMap((command) =>
    valuesOfArguments(command).map(({ place, kind }): [string, Kind] => [
      `${command.id.replaceAll(':', ' ')} ${place}`,
      kind,
    ]),
  )

/** Lines of a `case` of a POSIX shell that set `kind`, with the words of each kind in one. */
const cases = (entries: readonly (readonly [typed: string, kind: Kind])[]): string => {
  const kinds = [...new Set(entries.map(([, kind]) => kind))]
  return kinds
    .map((kind) => {
      const typed = entries.flatMap(([words, each]) => (each === kind ? [`"${words}"`] : []))
      return `    ${typed.join('|')}) kind=${kind} ;;`
    })
    .join('\n')
}

const flagCases = (): string => cases(Object.entries(FLAGS).map(([name, kind]) => [`--${name}`, kind]))

/**
 * Finds the kind of name at the cursor: `previous` is the word before, `typed` the words of the command and
 * how many more there are up to the cursor.
 */
const kindOf = (config: Config): string => `  local kind=""
  case "$previous" in
${flagCases()}
  esac
  [ -n "$kind" ] || case "$typed" in
${cases(places(config))}
  esac`

/**
 * What bash needs beside the generated script: names are asked for, everything else is as generated, and
 * where nothing fits, file names are offered.
 */
export const bashValues = (config: Config): string => `
_authctl_names() {
  local previous="\${COMP_WORDS[COMP_CWORD-1]}" typed="\${COMP_WORDS[1]} \${COMP_WORDS[2]} $((COMP_CWORD - 2))"
${kindOf(config)}
  [ -n "$kind" ] || return 1
  COMPREPLY=($(compgen -W "$(authctl complete "$kind" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ "\${#COMPREPLY[@]}" -gt 0 ]
}
_authctl_with_names() { _authctl_names || _authctl_autocomplete "$@"; }
complete -o default -F _authctl_with_names authctl
`

/** The same for zsh. */
export const zshValues = (config: Config): string => `
_authctl_with_names() {
  local previous="\${words[CURRENT-1]}" typed="\${words[2]} \${words[3]} $((CURRENT - 3))"
${kindOf(config)}
  local -a names
  [[ -n "$kind" ]] && names=(\${(f)"$(authctl complete "$kind" 2>/dev/null)"})
  (( \${#names} )) && compadd -a names && return
  _authctl
}
if [ "\${funcstack[1]}" = _authctl ]; then _authctl_with_names; else compdef _authctl_with_names authctl; fi
`
