import { disableCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../roles.ts'

export default disableCommand(CLIENTS)
