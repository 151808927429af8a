import { updateCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../roles.ts'

export default updateCommand(CLIENTS)
