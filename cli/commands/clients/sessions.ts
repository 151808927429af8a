import { sessionsCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../kinds.ts'

export default sessionsCommand(CLIENTS)
