import { createCommand } from '../../accounts/create.ts'
import { SUPERADMINS } from '../../roles.ts'

export default createCommand(SUPERADMINS)
