import { enableCommand } from '../../accounts/change.ts'
import { USERS } from '../../kinds.ts'

export default enableCommand(USERS)
