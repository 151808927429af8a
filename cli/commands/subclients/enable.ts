import { enableCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default enableCommand(SUBCLIENTS)
