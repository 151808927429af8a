import { enableCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../roles.ts'

export default enableCommand(SUPERADMINS)
