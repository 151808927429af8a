import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import type { AccessDecision, AuthctlClient } from '@authctl/sdk'
import { FORMS, formed, requireForm } from '../input/forms.ts'
import { usageProblem } from '../problem.ts'

/** What is asked, as arguments. */
export const QUESTION_ARGS = {
  action: stringArg({
    required: true,
    description: 'service:Verb, such as orders:Read',
    ...formed('action'),
  }),
  resource: stringArg({
    required: true,
    description: 'type/path, such as order/42',
    ...formed('resource'),
  }),
}

/** The circumstances, as a flag. */
export const CONTEXT_FLAG = {
  context: string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'KEY=VALUE',
    summary:
      'A context key of the service; may be repeated; of one with several values, once for each. A NAME without = is the context to act in',
  }),
}

/** The account that is asked about, as a flag. */
export const PRINCIPAL_FLAG = {
  principal: string({
    helpValue: 'ID',
    summary: 'An account below you, or an application of it or of your own; you yourself, if left out',
    ...formed('principal'),
  }),
}

/** Who is asked about, as a part of a question: nobody is named where the flag is left out. */
export const asOf = (principal: string | undefined): { principal?: string } =>
  principal === undefined ? {} : { principal }

/** The context of the flags: a key that is repeated has several values. */
export const contextOf = (flags: readonly string[] = []): Record<string, string | string[]> => {
  const context: Record<string, string | string[]> = {}
  // A name without a value is that of the context to act in.
  for (const flag of flags.filter((each) => each.includes('='))) {
    const at = flag.indexOf('=')
    if (at < 1) throw usageProblem(`--context ${flag} is not KEY=VALUE`, FORMS.contextKey.rule)
    const [key, value] = [requireForm('contextKey', flag.slice(0, at)), flag.slice(at + 1)]
    const present = context[key]
    context[key] = present === undefined ? value : [present, value].flat()
  }
  return context
}

/**
 * Refuses an action that no service declares if one that is declared was probably meant: every denial of a
 * misspelt one would look right. Throws `Problem` `usage`.
 */
export const refuseMisspelt = async (client: AuthctlClient, action: string): Promise<void> => {
  const { OWN_SERVICES, createCatalogue } = await import('../../policies/index.ts')
  const { nearest } = await import('../../policies/text/nearest.ts')
  const { items } = await client.services.list()
  const declared = items.map(({ service }) => service as unknown as (typeof OWN_SERVICES)[number])
  const meant = nearest(action, createCatalogue([...OWN_SERVICES, ...declared]).actions.keys())
  if (meant !== undefined) throw usageProblem(`no service declares ${action}`, `Did you mean ${meant}?`)
}

const REASONS: Readonly<Record<string, string>> = {
  unknown_action: 'no service that the account can use declares it: see authctl services list',
  unknown_resource_type: 'the action is not about resources of this type: see authctl services list --json',
  not_active: 'the account or application, or an account above it, is disabled',
  outside: 'the account that is acted on does not stand below',
}

/** Why no policy was asked, in words; undefined if they were. */
export const reasonOf = ({ reason }: Pick<AccessDecision, 'reason'>): string | undefined =>
  reason === null ? undefined : `${reason}: ${REASONS[reason] ?? 'no policy was asked'}`
