import { deleteCommand } from '../../accounts/change.ts'
import { USERS } from '../../roles.ts'

export default deleteCommand(USERS)
