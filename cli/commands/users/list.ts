import { listCommand } from '../../accounts/list.ts'
import { USERS } from '../../kinds.ts'

export default listCommand(USERS)
