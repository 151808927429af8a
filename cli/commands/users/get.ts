import { getCommand } from '../../accounts/change.ts'
import { USERS } from '../../kinds.ts'

export default getCommand(USERS)
