import { deleteCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../roles.ts'

export default deleteCommand(SUPERADMINS)
