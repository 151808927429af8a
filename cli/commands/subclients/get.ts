import { getCommand } from '../../accounts/change.ts'
import { SUBCLIENTS } from '../../kinds.ts'

export default getCommand(SUBCLIENTS)
