import type { Role } from './account.ts'

const EVERYONE: readonly Role[] = ['super-admin', 'admin', 'client', 'sub-client', 'user']
const MANAGERS: readonly Role[] = ['super-admin', 'admin', 'client', 'sub-client']

const ALLOWED: Readonly<Record<string, readonly Role[]>> = {
  'authctl:CreateSuperAdmin': ['super-admin'],
  'authctl:CreateAdmin': ['super-admin'],
  'authctl:CreateClient': ['super-admin', 'admin'],
  'authctl:CreateSubClient': ['super-admin', 'admin', 'client'],
  'authctl:ListAccounts': MANAGERS,
  'authctl:GetAccount': MANAGERS,
  'authctl:DisableAccount': MANAGERS,
  'authctl:EnableAccount': MANAGERS,
  'authctl:GetSelf': EVERYONE,
  'authctl:Logout': EVERYONE,
  'authctl:ListOwnSessions': EVERYONE,
  'authctl:RevokeOwnSession': EVERYONE,
  'authctl:ChangePassword': EVERYONE,
  'authctl:SetRefreshKey': EVERYONE,
  'authctl:RegenerateToken': EVERYONE,
  'places:List': EVERYONE,
  'places:Write': ['super-admin', 'admin'],
}

/** May an account of this role ask for this action at all? Unknown actions are denied. The policy engine takes this place. */
export const mayCall = (role: Role, action: string): boolean =>
  Object.hasOwn(ALLOWED, action) && (ALLOWED[action] as readonly Role[]).includes(role)
