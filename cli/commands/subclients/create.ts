import { createCommand } from '../../accounts/create.ts'
import { SUBCLIENTS } from '../../roles.ts'

export default createCommand(SUBCLIENTS)
