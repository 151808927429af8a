import { applicationCommand } from '../../applications/command.ts'

export default applicationCommand('disable')
