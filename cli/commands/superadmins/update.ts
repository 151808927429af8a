import { updateCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../roles.ts'

export default updateCommand(SUPERADMINS)
