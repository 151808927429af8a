import { deleteCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../kinds.ts'

export default deleteCommand(ADMINS)
