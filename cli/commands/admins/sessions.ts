import { sessionsCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../kinds.ts'

export default sessionsCommand(ADMINS)
