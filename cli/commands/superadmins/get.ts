import { getCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default getCommand(SUPERADMINS)
