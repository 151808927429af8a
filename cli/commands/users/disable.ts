import { disableCommand } from '../../accounts/change.ts'
import { USERS } from '../../kinds.ts'

export default disableCommand(USERS)
