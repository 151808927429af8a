import { boolean, integer, option, string } from '@oclif/core/flags'
import { outputFlag } from '../../base-command.ts'
import type { AnyFormat } from '../../output/print.ts'
import { NAMESPACE_FLAG } from '../namespace.ts'

/** What makes a plan fail. */
export const FAILURES = ['gained', 'lost', 'escalation', 'delete'] as const
/** One of {@link FAILURES}. */
export type Failing = (typeof FAILURES)[number]

/** How a plan is printed. */
const PLAN_FORMATS = ['table', 'json', 'yaml', 'markdown'] as const
/** One of the formats in which a plan is printed. */
export type PlanFormat = (typeof PLAN_FORMATS)[number]

const most = (what: string) => integer({ min: 0, helpValue: 'COUNT', summary: `Refuse it if more ${what}` })

/** The format in which a plan is to be printed. */
export const planFormatOf = ({ json, output }: { json: boolean; output: AnyFormat }): PlanFormat =>
  json ? 'json' : output === 'name' ? 'table' : output

/** It has the type of the flag whose place it takes: named twice, the types of all flags would be lost. */
const IN_PLACE: object = {
  output: outputFlag(PLAN_FORMATS, 'How the plan is printed; markdown fits into a comment of a pull request'),
}

/** What may come of a change of policies at most. */
export const BOUND_FLAGS = {
  ...NAMESPACE_FLAG,
  'max-gain': most('accounts gain a right'),
  'max-lose': most('accounts lose a right'),
  'max-deletes': most('objects are deleted'),
  'allow-lockout': boolean({
    summary: 'Also a change after which you could not make the reverse',
  }),
  'fail-on': option({
    options: FAILURES,
    multiple: true,
    summary:
      'Fail if anybody gains or loses a right, gains one over the daemon itself, or an object is deleted',
  })(),
  ...IN_PLACE,
}

/** Which objects of a set are planned. */
export const SET_FLAGS = {
  ...BOUND_FLAGS,
  prune: boolean({
    summary: 'Delete the objects of this set that no file has any more; what is in use stays',
  }),
  'prune-used': boolean({
    dependsOn: ['prune'],
    summary: 'With --prune: also those by which something was allowed in the last seven days',
  }),
  adopt: string({
    multiple: true,
    helpValue: 'KIND/NAME',
    summary: 'Take over an object of another set, or one that was made by hand',
  }),
}
