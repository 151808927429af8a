import { updateCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default updateCommand(SUPERADMINS)
