import { describe, expect, test } from 'vitest'
import { isGuarded, type Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { ROLES, type Account, type Role } from '../../daemon/domain/account.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import type { Principal } from '../../daemon/domain/session.ts'
import type { AuditEvent } from '../../daemon/ports/audit.ts'
import { withoutStoredPolicies } from '../support/policies.ts'
import { createAuthorize } from '../../daemon/usecases/access/authorize.ts'
import { createCatalogue } from '../../policies/catalogue.ts'
import { MANAGED_POLICIES, OWN_SERVICES } from '../../policies/managed.ts'
import { validateDocument } from '../../policies/validate/document.ts'

const ROUTES: readonly Route[] = Object.values(routes)
const GUARDED = ROUTES.filter(isGuarded)

const recorded: AuditEvent[] = []
const authorize = createAuthorize({
  ...(await withoutStoredPolicies()),
  clock: { now: () => 1_800_000_000_000 },
  audit: { record: (event) => void recorded.push(event) },
})

const account = (role: Role, path: string): Account =>
  ({
    id: path.split('/').at(-1),
    role,
    path,
    attributes: {},
    policies: [],
    boundary: null,
    version: 1,
    status: 'active',
  }) as unknown as Account

const ADMIN = account('admin', 'adm_a')
const CLIENT = account('client', 'adm_a/cli_c')
const SUB = account('sub-client', 'adm_a/cli_c/sub_s')
const PEOPLE: Readonly<Record<Role, { account: Account; ancestors: Account[] }>> = {
  'super-admin': { account: account('super-admin', 'sa_r'), ancestors: [] },
  admin: { account: ADMIN, ancestors: [] },
  client: { account: CLIENT, ancestors: [ADMIN] },
  'sub-client': { account: SUB, ancestors: [ADMIN, CLIENT] },
  user: { account: account('user', 'usr_u'), ancestors: [] },
}

const isAllowed = (role: Role, action: string, resource: string): boolean => {
  try {
    const principal = { ...PEOPLE[role], session: { id: 'ses_x' } } as unknown as Principal
    authorize({ principal, action, resource, origin: { ip: '192.0.2.1', userAgent: null, requestId: 'r' } })
    return true
  } catch (error) {
    if (error instanceof Failure && error.code === 'forbidden') return false
    throw error
  }
}

describe('managed policies', () => {
  test.each(MANAGED_POLICIES)('$Id is valid against what the routes declare', (document) => {
    const { diagnostics } = validateDocument(JSON.stringify(document), {
      file: `${document.Id}.json`,
      catalogue: createCatalogue(OWN_SERVICES),
    })
    expect(diagnostics).toEqual([])
  })

  test('each role has one, and there is one more to inherit by', () => {
    const names = MANAGED_POLICIES.map(({ Id }) => `authctl:${Id}`)
    expect(names.toSorted()).toEqual(
      [...Object.values(ROLES).map((role) => role.managedPolicy), 'authctl:InheritCreator'].toSorted(),
    )
  })
})

/** Who may do what to their own account, or to the tree below it. */
const EVERYONE: readonly Role[] = ['super-admin', 'admin', 'client', 'sub-client', 'user']
const MANAGERS: readonly Role[] = ['super-admin', 'admin', 'client', 'sub-client']
/** Those that define policies and manage others. */
const OWNERS: readonly Role[] = ['super-admin', 'admin', 'client']
const WHO: Readonly<Record<string, readonly Role[]>> = {
  'authctl:CreateSuperAdmin': ['super-admin'],
  'authctl:CreateAdmin': ['super-admin'],
  'authctl:CreateClient': ['super-admin', 'admin'],
  'authctl:CreateSubClient': ['super-admin', 'admin', 'client'],
  'authctl:ListApplications': MANAGERS,
  'authctl:CreateApplication': MANAGERS,
  'authctl:GetApplication': MANAGERS,
  'authctl:UpdateApplication': MANAGERS,
  'authctl:RotateApplication': MANAGERS,
  'authctl:DeleteApplication': MANAGERS,
  'authctl:ListAccounts': MANAGERS,
  'authctl:GetAccount': MANAGERS,
  'authctl:DisableAccount': ['super-admin', 'admin', 'client'],
  'authctl:EnableAccount': ['super-admin', 'admin', 'client'],
  'authctl:GetSelf': EVERYONE,
  'authctl:Logout': EVERYONE,
  'authctl:ListOwnSessions': EVERYONE,
  'authctl:RevokeOwnSession': EVERYONE,
  'authctl:ChangePassword': EVERYONE,
  'authctl:SetRefreshKey': EVERYONE,
  'authctl:RegenerateToken': EVERYONE,
  'authctl:CheckAccess': EVERYONE,
  'authctl:DecideDevice': ['super-admin', 'admin'],
  'authctl:UpdateAccount': OWNERS,
  'authctl:DeleteAccount': OWNERS,
  'authctl:ListSessions': OWNERS,
  'authctl:RevokeSessions': OWNERS,
  'authctl:AttachPolicy': OWNERS,
  'authctl:DetachPolicy': OWNERS,
  'authctl:SetBoundary': OWNERS,
  'authctl:WhoCan': OWNERS,
  'policies:Explain': OWNERS,
  'authctl:ListPolicies': OWNERS,
  'authctl:GetPolicy': OWNERS,
  'authctl:PutPolicy': OWNERS,
  'authctl:DeletePolicy': OWNERS,
  'authctl:PlanPolicies': OWNERS,
  'authctl:ApplyPolicies': OWNERS,
  'authctl:ApprovePolicies': OWNERS,
  'authctl:RollbackPolicies': OWNERS,
  'authctl:ListRevisions': OWNERS,
  'authctl:GetRevision': OWNERS,
  'authctl:LoadPolicies': MANAGERS,
  'authctl:ListAgents': OWNERS,
  'authctl:GetAttachments': OWNERS,
  'authctl:PutAttachments': OWNERS,
  'authctl:ListServices': OWNERS,
  'authctl:PutService': OWNERS,
  'authctl:DeleteService': OWNERS,
  'authctl:ListKeys': ['super-admin'],
  'authctl:Echo': ['super-admin'],
  'authctl:RotateKeys': ['super-admin'],
  'authctl:RevokeKey': ['super-admin'],
  'places:List': EVERYONE,
  'places:Write': ['super-admin', 'admin'],
}

describe('on a fresh install', () => {
  test('every route that needs a caller is in the table of who may', () => {
    expect(new Set(GUARDED.map(({ action }) => action))).toEqual(new Set(Object.keys(WHO)))
  })

  test('the catalogue declares the actions that guarded routes ask for, and no other', () => {
    const declared = OWN_SERVICES.flatMap(({ service, actions }) =>
      Object.keys(actions).map((verb) => `${service}:${verb}`),
    )
    expect(new Set(declared)).toEqual(new Set(GUARDED.map(({ action }) => action)))
  })

  test.each(GUARDED.map((route) => [route.operationId, route] as const))(
    '%s is for exactly the roles that are listed',
    (_id, route) => {
      for (const role of EVERYONE) {
        const { path } = PEOPLE[role].account
        const resource = route.resource
          .replace(/\$\{(?:caller|target)\.path\}/, path)
          .replace('{id}', 'blr-ev-mg-road')
        expect(isAllowed(role, route.action, resource), `${role} ${route.action} ${resource}`).toBe(
          WHO[route.action]?.includes(role),
        )
      }
    },
  )

  const managed = ['authctl:GetAccount', 'authctl:DisableAccount', 'authctl:EnableAccount']
  test.each<[Role, readonly string[], readonly string[]]>([
    ['super-admin', ['sa_x', 'adm_a', 'adm_b/cli_c', 'usr_u'], []],
    [
      'admin',
      ['adm_a/cli_c', 'adm_a/cli_c/sub_s', 'usr_u'],
      ['adm_b', 'adm_b/cli_c', 'adm_aa/cli_c', 'sa_r'],
    ],
    ['client', ['adm_a/cli_c/sub_s'], ['adm_a', 'adm_a/cli_d', 'adm_a/cli_cc/sub_s', 'usr_u']],
    ['sub-client', [], ['adm_a', 'adm_a/cli_c', 'adm_a/cli_c/sub_t', 'usr_u']],
    ['user', [], ['usr_u', 'usr_v', 'adm_a']],
  ])('a %s manages its own subtree and nothing else', (role, own, foreign) => {
    for (const action of managed) {
      for (const path of own)
        expect(isAllowed(role, action, `account/${path}`), `${action} ${path}`).toBe(true)
      for (const path of foreign)
        expect(isAllowed(role, action, `account/${path}`), `${action} ${path}`).toBe(false)
    }
  })

  test('an action that no policy names is for super-admins alone', () => {
    for (const role of EVERYONE)
      expect(isAllowed(role, 'authctl:Unheard', 'account/x')).toBe(role === 'super-admin')
  })

  test('a denial is recorded with who was refused what by which layer, under the id that the caller hears', () => {
    recorded.length = 0
    isAllowed('client', 'authctl:CreateClient', 'account/adm_a/cli_c')
    expect(recorded).toMatchObject([
      {
        event: 'access-denied',
        outcome: 'failure',
        actorId: 'cli_c',
        requestId: 'r',
        reason:
          'DENY_IMPLICIT authctl:CreateClient on account/adm_a/cli_c: no Allow in the own layer of cli_c',
      },
    ])
  })

  test('an error while deciding denies, and is recorded', () => {
    recorded.length = 0
    const broken = { ...PEOPLE['super-admin'], account: { ...ADMIN, attributes: null } }
    const principal = { ...broken, session: { id: 'ses_x' } } as unknown as Principal
    const origin = { ip: null, userAgent: null, requestId: 'r' }
    expect(() => authorize({ principal, action: 'authctl:GetSelf', resource: 'account/x', origin })).toThrow(
      expect.objectContaining({ code: 'forbidden' }) as Error,
    )
    expect(recorded).toMatchObject([
      { event: 'access-denied', reason: 'error while deciding authctl:GetSelf' },
    ])
  })
})
