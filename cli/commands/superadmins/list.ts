import { listCommand } from '../../accounts/list.ts'
import { SUPERADMINS } from '../../roles.ts'

export default listCommand(SUPERADMINS)
