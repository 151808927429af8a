import { listCommand } from '../../accounts/list.ts'
import { USERS } from '../../roles.ts'

export default listCommand(USERS)
