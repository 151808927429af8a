import { listCommand } from '../../accounts/list.ts'
import { SUBCLIENTS } from '../../roles.ts'

export default listCommand(SUBCLIENTS)
