import { LocalCommand } from '../../base-command.ts'
import { onHost } from '../../host/daemon.ts'
import type { View } from '../../output/print.ts'

/** What is spent of the SMS budgets of this host's store. */
export default class SmsBudget extends LocalCommand<typeof SmsBudget> {
  static override summary = 'Show what is spent of the SMS budgets, and what would stop next'
  static override description =
    'On the host, through the store. The budget on top is the fullest: it would stop codes next. ok; alarm: 80 % or more is spent; stopped: codes that it is about are refused until resets_at. Money is in the smallest unit of the currency of AUTHCTL_SMS_PRICES.'
  static override examples = [
    '<%= config.bin %> sms budget',
    {
      description: 'Budgets that have stopped codes',
      command: '<%= config.bin %> sms budget --json | jq \'.[] | select(.state == "stopped")\'',
    },
  ]

  protected override async execute(): Promise<View> {
    const uses = await onHost((host) => host.smsBudgets())
    const rows = uses.map(({ resetsAt, ...use }) => ({
      ...use,
      resets_at: resetsAt === null ? null : new Date(resetsAt).toISOString(),
    }))
    return {
      data: rows,
      rows,
      columns: ['budget', 'window', 'used', 'limit', 'unit', 'percent', 'state', 'resets_at'],
      nameColumn: 'budget',
      empty: 'no budgets',
    }
  }
}
