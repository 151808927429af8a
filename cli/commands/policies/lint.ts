import { checkCommand } from '../../policy-check.ts'

export default checkCommand('lint')
