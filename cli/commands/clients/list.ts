import { listCommand } from '../../accounts/list.ts'
import { CLIENTS } from '../../kinds.ts'

export default listCommand(CLIENTS)
