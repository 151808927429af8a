import { accountCommand } from '../../accounts/command.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default accountCommand(SUBCLIENTS, 'get')
