import { sessionsCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../roles.ts'

export default sessionsCommand(ADMINS)
