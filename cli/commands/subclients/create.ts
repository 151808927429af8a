import { createCommand } from '../../accounts/create.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default createCommand(SUBCLIENTS)
