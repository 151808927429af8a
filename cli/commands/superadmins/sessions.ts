import { sessionsCommand } from '../../accounts/change.ts'
import { SUPERADMINS } from '../../roles.ts'

export default sessionsCommand(SUPERADMINS)
