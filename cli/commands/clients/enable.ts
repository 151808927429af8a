import { enableCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../kinds.ts'

export default enableCommand(CLIENTS)
