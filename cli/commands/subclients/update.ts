import { updateCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default updateCommand(SUBCLIENTS)
