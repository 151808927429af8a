import { Failure } from '../../domain/failure.ts'

/** A parameter that the grant cannot do without; throws `invalid_request`. */
export const requireParameter = <Name extends string>(
  parameters: { readonly [N in Name]?: string | undefined },
  name: Name,
): string => {
  const value = parameters[name]
  if (value !== undefined) return value
  throw new Failure('invalid_request', { detail: `The request lacks ${name}.` })
}
