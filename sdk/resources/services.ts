import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Detail, Service, ServiceDeclaration, ServiceList, ServicesPutQuery } from '../types.gen.ts'

/** The operations of declared services. */
export const services = (sender: Sender) => ({
  /** The services that the caller's policies can name. */
  list: (options?: CallOptions): Promise<ServiceList> => sender.send(operations.servicesList, {}, options),
  /** Declares a service, or with `ifMatch` (its `hash`) declares it anew. */
  put: (
    name: string,
    body: ServiceDeclaration | string,
    options: CallOptions & ServicesPutQuery = {},
  ): Promise<Service> => {
    const { namespace, ...rest } = options
    return sender.send(operations.servicesPut, { params: { name }, query: { namespace }, body }, rest)
  },
  /** Takes a service back that no policy names. */
  delete: (name: string, options: CallOptions & ServicesPutQuery = {}): Promise<Detail> => {
    const { namespace, ...rest } = options
    return sender.send(operations.servicesDelete, { params: { name }, query: { namespace } }, rest)
  },
})
