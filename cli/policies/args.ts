import { custom, string } from '@oclif/core/args'
import { formed } from '../input/forms.ts'

/** A policy by its name, as an argument. */
export const policyArg = custom({
  description: 'The policy: NAME of your own namespace, root/NAME, adm_…/NAME or authctl:NAME',
  ...formed('policy'),
})

/** An account below the caller by its id or its username, as an argument. */
export const accountArg = custom({
  description: 'An account below you, by its id or its username',
})

/** A file to put, as an argument. */
export const fileArg = string({
  required: true,
  description: 'The file, or - for standard input',
})

/** A folder of policies, as an argument; the working folder, if left out. */
export const FOLDER_ARG = string({
  default: '.',
  description: 'The folder that holds authctl.json',
})
