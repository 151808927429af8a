import { sessionsCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../roles.ts'

export default sessionsCommand(CLIENTS)
