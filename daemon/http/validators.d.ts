/** What the build makes of the schemas of the contract: the validators of each route, in their order. */
declare module '#validators' {
  import type { ValidateFunction } from 'ajv/dist/2020.js'
  import type { SchemaKind } from '../contract/checked-schemas.ts'

  type Validators = { readonly [Kind in SchemaKind]: readonly ValidateFunction[] }

  const loaders: { readonly [operationId: string]: () => Promise<{ readonly default: Validators }> }
  export default loaders
}
