import { getCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../roles.ts'

export default getCommand(SUBCLIENTS)
