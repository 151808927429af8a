import { Failure } from '../domain/failure.ts'

/** What is not there and what the caller may not see are answered alike (product.md section 1, rule 5). */
export const notFound = (): never => {
  throw new Failure('not_found')
}
