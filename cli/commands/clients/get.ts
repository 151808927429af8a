import { accountCommand } from '../../accounts/command.ts'
import { CLIENTS } from '../../kinds.ts'

export default accountCommand(CLIENTS, 'get')
