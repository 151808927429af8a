import { deleteCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../kinds.ts'

export default deleteCommand(CLIENTS)
