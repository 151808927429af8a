import { getCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../roles.ts'

export default getCommand(CLIENTS)
