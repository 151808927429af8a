import { disableCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../roles.ts'

export default disableCommand(ADMINS)
