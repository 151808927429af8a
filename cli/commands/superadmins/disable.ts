import { disableCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default disableCommand(SUPERADMINS)
