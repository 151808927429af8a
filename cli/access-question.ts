import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { usageProblem } from './problem.ts'

/** What is asked, as arguments. */
export const QUESTION_ARGS = {
  action: stringArg({ required: true, description: 'service:Verb, such as orders:Read', ignoreStdin: true }),
  resource: stringArg({ required: true, description: 'type/path, such as order/42', ignoreStdin: true }),
}

/** The circumstances, as a flag. */
export const CONTEXT_FLAG = {
  context: string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'KEY=VALUE',
    summary: 'A context key of the service; may be repeated; of one with several values, once for each',
  }),
}

/** The account that is asked about, as a flag. */
export const PRINCIPAL_FLAG = {
  principal: string({ helpValue: 'ID', summary: 'An account below you; you yourself, if left out' }),
}

/** The context of the flags: a key that is repeated has several values. */
export const contextOf = (flags: readonly string[] = []): Record<string, string | string[]> => {
  const context: Record<string, string | string[]> = {}
  for (const flag of flags) {
    const at = flag.indexOf('=')
    if (at < 1)
      throw usageProblem(`--context ${flag} is not KEY=VALUE`, 'For example: --context orders.total=120')
    const [key, value] = [flag.slice(0, at), flag.slice(at + 1)]
    const present = context[key]
    context[key] = present === undefined ? value : [present, value].flat()
  }
  return context
}
