import { listCommand } from '../../accounts/list.ts'
import { ADMINS } from '../../roles.ts'

export default listCommand(ADMINS)
