// Generated from the contract by scripts/generate-sdk.ts; do not edit.

/** Method, path, way to authenticate, and whether it honours `Idempotency-Key`, of every operation. */
export const operations = {
  'system.info': ['GET', '/', 'none', 0],
  'system.health': ['GET', '/healthz', 'none', 0],
  'system.ready': ['GET', '/readyz', 'none', 0],
  'otp.send': ['POST', '/auth/otp/send', 'none', 0],
  'users.login': ['POST', '/auth/user/login', 'none', 0],
  'superadmins.bootstrap': ['POST', '/auth/superadmin/bootstrap', 'none', 0],
  'superadmins.create': ['POST', '/auth/superadmin/create', 'access', 1],
  'superadmins.login': ['POST', '/auth/superadmin/login', 'none', 0],
  'admins.create': ['POST', '/auth/admin/create', 'access', 1],
  'admins.login': ['POST', '/auth/admin/login', 'none', 0],
  'clients.create': ['POST', '/auth/client/create', 'access', 1],
  'clients.login': ['POST', '/auth/client/login', 'none', 0],
  'subclients.create': ['POST', '/auth/subclient/create', 'access', 1],
  'subclients.login': ['POST', '/auth/subclient/login', 'none', 0],
  'refreshKeys.set': ['POST', '/user/access/refresh-key', 'access', 0],
  'tokens.regenerate': ['POST', '/user/access/regenerate-token', 'expired-access', 0],
  'tokens.refresh': ['POST', '/auth/token/refresh', 'refresh', 0],
  'keys.jwks': ['GET', '/.well-known/jwks.json', 'none', 0],
  'passwords.change': ['POST', '/auth/password/change', 'access', 0],
  'auth.me': ['GET', '/auth/me', 'access', 0],
  'auth.logout': ['POST', '/auth/logout', 'access', 0],
  'sessions.list': ['GET', '/auth/sessions', 'access', 0],
  'sessions.revoke': ['DELETE', '/auth/sessions/{id}', 'access', 0],
  'sessions.revokeOthers': ['DELETE', '/auth/sessions', 'access', 0],
  'accounts.list': ['GET', '/accounts', 'access', 0],
  'accounts.get': ['GET', '/accounts/{id}', 'access', 0],
  'accounts.disable': ['POST', '/accounts/{id}/disable', 'access', 0],
  'accounts.enable': ['POST', '/accounts/{id}/enable', 'access', 0],
  'places.import': ['POST', '/mapdirectory/places/import', 'access', 1],
  'places.all': ['GET', '/mapdirectory/places/all', 'access', 0],
  'places.list': ['GET', '/mapdirectory/places', 'access', 0],
  'places.get': ['GET', '/mapdirectory/places/{id}', 'access', 0],
} as const

export type OperationId = keyof typeof operations
