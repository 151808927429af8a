import { sessionsCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default sessionsCommand(SUPERADMINS)
