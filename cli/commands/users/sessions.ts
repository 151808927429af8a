import { sessionsCommand } from '../../accounts/change.ts'
import { USERS } from '../../roles.ts'

export default sessionsCommand(USERS)
