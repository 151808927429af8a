import { updateCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../roles.ts'

export default updateCommand(SUBCLIENTS)
