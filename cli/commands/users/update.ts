import { updateCommand } from '../../accounts/change.ts'
import { USERS } from '../../roles.ts'

export default updateCommand(USERS)
