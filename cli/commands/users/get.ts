import { getCommand } from '../../accounts/change.ts'
import { USERS } from '../../roles.ts'

export default getCommand(USERS)
