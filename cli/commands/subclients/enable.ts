import { enableCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../roles.ts'

export default enableCommand(SUBCLIENTS)
