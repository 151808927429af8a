/** An application without a secret that is a part of authctl. */
interface BuiltInClient {
  /** As people know it. */
  readonly name: string
}

/** The applications that may ask for a device to be signed in, by their `client_id`. */
const PUBLIC_CLIENTS: Readonly<Record<string, BuiltInClient>> = {
  'authctl-cli': { name: 'the authctl command line' },
}

/** A public client that is known here by its `client_id`. */
export const publicClientOf = (id: string): BuiltInClient | undefined =>
  Object.hasOwn(PUBLIC_CLIENTS, id) ? PUBLIC_CLIENTS[id] : undefined
