import { disableCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../kinds.ts'

export default disableCommand(ADMINS)
