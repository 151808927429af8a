import { deleteCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../roles.ts'

export default deleteCommand(ADMINS)
