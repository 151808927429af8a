import { enableCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../roles.ts'

export default enableCommand(ADMINS)
