import { getCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../roles.ts'

export default getCommand(SUPERADMINS)
