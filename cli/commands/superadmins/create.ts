import { createCommand } from '../../accounts/create.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default createCommand(SUPERADMINS)
