import { deleteCommand } from '../../accounts/change.ts'
import { USERS } from '../../kinds.ts'

export default deleteCommand(USERS)
