import { sessionsCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default sessionsCommand(SUBCLIENTS)
