import { enableCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../roles.ts'

export default enableCommand(CLIENTS)
