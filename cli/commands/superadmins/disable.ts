import { disableCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../roles.ts'

export default disableCommand(SUPERADMINS)
