import { listCommand } from '../../accounts/list.ts'
import { CLIENTS } from '../../roles.ts'

export default listCommand(CLIENTS)
