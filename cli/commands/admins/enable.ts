import { enableCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../kinds.ts'

export default enableCommand(ADMINS)
