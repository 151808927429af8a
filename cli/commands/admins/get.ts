import { accountCommand } from '../../accounts/command.ts'
import { ADMINS } from '../../kinds.ts'

export default accountCommand(ADMINS, 'get')
