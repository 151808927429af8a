const LINK =
  /^AUTHCTL(?:_[A-Z0-9_]+)?_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/
const VALUE = /^(?:(?:tcp|udp|sctp):\/\/\S+|tcp|udp|sctp|\d{1,5}|[0-9a-f:.]+)$/

/**
 * Whether a variable is one of those that Kubernetes gives to every pod beside a service whose name begins
 * with `authctl`, such as `AUTHCTL_SERVICE_HOST` or `AUTHCTL_PORT=tcp://10.0.0.1:8000`. `AUTHCTL_PORT=9000`
 * is none: somebody means PORT.
 */
export const isServiceLink = (name: string, value: string): boolean =>
  LINK.test(name) &&
  VALUE.test(value) &&
  (!name.endsWith('_PORT') || /_\d+_|_SERVICE_PORT$/.test(name) || value.includes('://'))
