import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import { isToken } from '../session-keeper.ts'
import type { CallOptions } from '../transport.ts'
import type {
  DeviceAuthorization,
  DeviceAuthorizationRequest,
  Introspection,
  IntrospectionRequest,
  OAuthToken,
  OAuthTokenRequest,
  Revocation,
  RevocationRequest,
  ServerMetadata,
} from '../types.gen.ts'

/** The endpoints of OAuth. */
export const oauth = (sender: Sender) => ({
  /** What the server can do (RFC 8414). */
  metadata: (options?: CallOptions): Promise<ServerMetadata> =>
    sender.send(operations.oauthMetadata, {}, options),
  /** Asks for a token (RFC 6749). The client's own session stays as it is. */
  token: (body: OAuthTokenRequest, options?: CallOptions): Promise<OAuthToken> =>
    sender.send(operations.oauthToken, { body, isOwn: isToken }, options),
  /**
   * Asks what a token is (RFC 7662): for an application by `client_id` and `client_secret`, otherwise for the
   * account that is signed in.
   */
  introspect: (body: IntrospectionRequest, options?: CallOptions): Promise<Introspection> =>
    sender.send(operations.oauthIntrospect, { body }, options),
  /** Ends a token of this application (RFC 7009). */
  revoke: (body: RevocationRequest, options?: CallOptions): Promise<Revocation> =>
    sender.send(operations.oauthRevoke, { body }, options),
  /** Asks for a device to be signed in (RFC 8628); `token` then asks whether it has been. */
  authorizeDevice: (body: DeviceAuthorizationRequest, options?: CallOptions): Promise<DeviceAuthorization> =>
    sender.send(operations.oauthAuthorizeDevice, { body }, options),
})
