import { string as stringArg } from '@oclif/core/args'
import { LocalCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'
import { explainField } from '../../policies/explain-field.ts'

/** What a field of a policy file is for. */
export default class PoliciesExplain extends LocalCommand<typeof PoliciesExplain> {
  static override summary =
    'Say what a field of a policy file is for, what it must look like and what is in it'
  static override description =
    'Needs no daemon. KIND is policy, set, service, attachments, tests or invariant; lists and maps are gone through without a word of their own. Why a request was allowed or denied: access explain.'
  static override examples = [
    '<%= config.bin %> policies explain policy.Statement.Condition',
    '<%= config.bin %> policies explain service.actions --json',
  ]
  static override args = {
    field: stringArg({
      required: true,
      description: 'KIND, or KIND.FIELD and so on',
    }),
  }

  protected override async execute(): Promise<View> {
    const notes = explainField(this.args.field)
    const { fields, rules, ...row } = notes
    const table = { rows: fields.map((field) => ({ ...field })), columns: ['name', 'type', 'required'] }
    return {
      data: notes,
      rows: [{ ...row, rules: rules.join('; ') || null }],
      columns: ['path', 'type', 'required', 'description', 'rules'],
      isRecord: true,
      ...(fields.length === 0 ? {} : { more: [table] }),
    }
  }
}
