import { deleteCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default deleteCommand(SUPERADMINS)
