import { updateCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../roles.ts'

export default updateCommand(ADMINS)
