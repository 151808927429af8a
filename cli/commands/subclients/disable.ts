import { disableCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../roles.ts'

export default disableCommand(SUBCLIENTS)
