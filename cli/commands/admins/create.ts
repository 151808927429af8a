import { createCommand } from '../../accounts/create.ts'
import { ADMINS } from '../../kinds.ts'

export default createCommand(ADMINS)
