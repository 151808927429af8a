import { deleteCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../roles.ts'

export default deleteCommand(CLIENTS)
