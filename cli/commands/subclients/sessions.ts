import { sessionsCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../roles.ts'

export default sessionsCommand(SUBCLIENTS)
