import { deleteCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../roles.ts'

export default deleteCommand(SUBCLIENTS)
