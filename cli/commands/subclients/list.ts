import { listCommand } from '../../accounts/list.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default listCommand(SUBCLIENTS)
