import { deleteCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default deleteCommand(SUBCLIENTS)
