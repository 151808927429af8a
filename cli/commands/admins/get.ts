import { getCommand } from '../../accounts/change.ts'
import { ADMINS } from '../../kinds.ts'

export default getCommand(ADMINS)
