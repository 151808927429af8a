import { enableCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default enableCommand(SUPERADMINS)
