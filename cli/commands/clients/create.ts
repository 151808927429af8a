import { createCommand } from '../../accounts/create.ts'
import { CLIENTS } from '../../roles.ts'

export default createCommand(CLIENTS)
