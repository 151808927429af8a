import { updateCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../kinds.ts'

export default updateCommand(ADMINS)
