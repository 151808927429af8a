import { checkCommand } from '../../policies/check.ts'

export default checkCommand('validate')
