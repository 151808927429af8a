import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express'
import { Failure } from '../domain/failure.ts'
import { attachExchange, exchangeOf, type Exchange } from './exchange.ts'

/** Pages beside the contract. */
export interface Pages {
  /** Fits every path that may be theirs. */
  readonly at: RegExp
  /** Loads them when the first is asked for. */
  readonly load: () => Promise<Router>
}

/** Answers a request of a page, or refuses it. */
export type ShowPage = (exchange: Exchange) => void

const createExpress = (): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.set('case sensitive routing', true)
  return app
}

/** What the table of routes does not have: the pages beside it. */
export const createPages = async (
  pages: readonly Pages[],
  fail: (exchange: Exchange, error: unknown) => void,
): Promise<ShowPage> => {
  const app = createExpress()
  for (const router of await Promise.all(pages.map(({ load }) => load()))) app.use(router)
  app.use(() => {
    throw new Failure('not_found')
  })
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction): void =>
    fail(exchangeOf(response), error),
  )
  return (exchange) => {
    const { request, response, headers } = exchange
    for (let index = 0; index < headers.length; index += 2)
      response.setHeader(headers[index] ?? '', headers[index + 1] ?? '')
    attachExchange(exchange)
    app(request, response)
  }
}
