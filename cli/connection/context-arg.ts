import { string as stringArg } from '@oclif/core/args'

/** A context by its name, as an argument. */
export const contextArg = stringArg({
  required: true,
  description: 'The name of the context, from context list',
})
