import { createCatalogue } from '../../policies/catalogue.ts'
import type { Service } from '../../policies/language.ts'

/** An application as it declares itself. */
export const ORDERS: Service = {
  service: 'orders',
  actions: {
    Read: { resources: ['order'], keys: ['orders.total', 'orders.tags', 'orders.placed'] },
    Write: { resources: ['order'], keys: ['orders.total'] },
    List: { resources: ['order'] },
    Fetch: { resources: ['order'], replaced_by: 'List' },
    Pay: { resources: ['invoice'], sensitive: true },
  },
  resource_types: { order: {}, invoice: {} },
  context_keys: {
    'orders.total': { type: 'number', always: true },
    'orders.tags': { type: 'set<string>', always: false },
    'orders.placed': { type: 'date', always: false },
  },
}

const AUTHCTL: Service = {
  service: 'authctl',
  actions: { AttachPolicy: { resources: ['account'] } },
  resource_types: { account: {} },
}

export const CATALOGUE = createCatalogue([ORDERS, AUTHCTL])

/** A document with these statements, one to a line from line 2 on. */
export const documentOf = (...statements: string[]): string =>
  `{"Version": "authctl/1", "Id": "sample", "Statement": [\n${statements.join(',\n')}\n]}`
