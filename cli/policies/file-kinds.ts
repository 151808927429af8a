/** The kinds of policy file. */
export const FILE_KINDS = ['policy', 'set', 'service', 'attachments', 'tests', 'invariant'] as const
