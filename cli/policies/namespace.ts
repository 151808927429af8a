import { string } from '@oclif/core/flags'
import { formed } from '../input/forms.ts'

/** Whose policies, services or attachments, as a flag. */
export const NAMESPACE_FLAG = {
  namespace: string({
    helpValue: 'ID',
    summary: 'Of root, or of this admin or client; your own, if left out',
    ...formed('namespace'),
  }),
}
