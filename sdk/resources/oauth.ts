import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  DeviceAuthorization,
  DeviceAuthorizationRequest,
  OAuthToken,
  OAuthTokenRequest,
  ServerMetadata,
} from '../types.gen.ts'

/** The endpoints of OAuth. */
export const oauth = (sender: Sender) => ({
  /** What the server can do (RFC 8414). */
  metadata: (options?: CallOptions): Promise<ServerMetadata> =>
    sender.send(operations.oauthMetadata, {}, options),
  /** Asks for a token (RFC 6749). The client's own session stays as it is. */
  token: (body: OAuthTokenRequest, options?: CallOptions): Promise<OAuthToken> =>
    sender.send(operations.oauthToken, { body }, options),
  /** Asks for a device to be signed in (RFC 8628); `token` then asks whether it has been. */
  authorizeDevice: (body: DeviceAuthorizationRequest, options?: CallOptions): Promise<DeviceAuthorization> =>
    sender.send(operations.oauthAuthorizeDevice, { body }, options),
})
