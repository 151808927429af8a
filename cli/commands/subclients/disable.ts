import { disableCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default disableCommand(SUBCLIENTS)
