import { createCommand } from '../../accounts/create.ts'
import { ADMINS } from '../../roles.ts'

export default createCommand(ADMINS)
