import { listCommand } from '../../accounts/list.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default listCommand(SUPERADMINS)
