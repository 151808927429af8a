import { updateCommand } from '../../accounts/change.ts'
import { USERS } from '../../kinds.ts'

export default updateCommand(USERS)
