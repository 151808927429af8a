import { sessionsCommand } from '../../accounts/change.ts'
import { USERS } from '../../kinds.ts'

export default sessionsCommand(USERS)
