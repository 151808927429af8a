import { getCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../roles.ts'

export default getCommand(ADMINS)
