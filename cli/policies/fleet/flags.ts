import { boolean, integer } from '@oclif/core/flags'
import { EXIT } from '../../exit-codes.ts'

/** The flags of what waits for the daemons. */
export const WAIT_FLAGS = {
  wait: boolean({
    summary: `Wait until every daemon decides by it; exit with ${EXIT.behind.code} and name those that do not`,
  }),
  'wait-timeout': integer({
    helpValue: 'SECONDS',
    min: 1,
    max: 3600,
    default: 60,
    summary: 'How long --wait waits',
  }),
}
