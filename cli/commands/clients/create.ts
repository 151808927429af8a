import { createCommand } from '../../accounts/create.ts'
import { CLIENTS } from '../../kinds.ts'

export default createCommand(CLIENTS)
