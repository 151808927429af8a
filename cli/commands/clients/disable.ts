import { disableCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../kinds.ts'

export default disableCommand(CLIENTS)
