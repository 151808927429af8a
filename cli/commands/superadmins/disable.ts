import { accountCommand } from '../../accounts/command.ts'
import { SUPERADMINS } from '../../kinds.ts'

export default accountCommand(SUPERADMINS, 'disable')
