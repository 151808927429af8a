import { updateCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../kinds.ts'

export default updateCommand(CLIENTS)
