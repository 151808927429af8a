import { disableCommand } from '../../accounts/change.ts'
import { USERS } from '../../roles.ts'

export default disableCommand(USERS)
