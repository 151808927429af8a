import { enableCommand } from '../../accounts/change.ts'
import { USERS } from '../../roles.ts'

export default enableCommand(USERS)
