import { accountCommand } from '../../accounts/command.ts'
import { USERS } from '../../kinds.ts'

export default accountCommand(USERS, 'enable')
