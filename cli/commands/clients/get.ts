import { getCommand } from '../../accounts/change.ts'
import { CLIENTS } from '../../kinds.ts'

export default getCommand(CLIENTS)
