import { listCommand } from '../../accounts/list.ts'
import { ADMINS } from '../../kinds.ts'

export default listCommand(ADMINS)
