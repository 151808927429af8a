import type { AccessRequest, PrincipalFacts, Statement } from '../../policies/index.ts'

/*
 * The shapes of statements that policies are made of, each as many statements about as many projects, with
 * requests of which half are allowed. A literal beginning is what the others are measured by.
 */

/** Statements of one shape, and requests about them. */
export interface Shape {
  readonly name: string
  readonly statementOf: (n: number) => Statement
  readonly requestOf: (n: number, i: number) => AccessRequest
}

/** The owner of every layer, and so what `${principal.path}` stands for. */
export const OWNER: PrincipalFacts = {
  'principal.id': 'sub_3kTMd9xGq2ZnWp5v',
  'principal.attributes.limit': 100,
  'principal.path': 'adm_7GqWc2RzXw4NkLpT/cli_9xKfV3MbJd6QhYsA/sub_3kTMd9xGq2ZnWp5v',
}
const PATH = String(OWNER['principal.path'])
/** 2026-01-01. */
const NOW = 1_767_225_600

const actionsOf = (n: number): string[] => [`svc${n % 20}:Read${n % 5}`, `svc${n % 20}:List*`]
const actionOf = (n: number): string => `svc${n % 20}:Read${n % 5}`
const contextOf = (i: number): AccessRequest['context'] => ({
  'caller.id': `cli_${i % 7}`,
  'request.ip': '10.1.2.3',
  'request.time': NOW + i,
})

/** Statements of many projects: one in ten denies a part of one. */
const project =
  (beginning: (n: number) => string, more: (n: number) => Partial<Statement> = () => ({})) =>
  (n: number): Statement =>
    n % 10 === 9
      ? {
          Effect: 'Deny',
          Action: [`svc${n % 20}:Delete`],
          Resource: [`${beginning(n)}/locked/*`],
          ...more(n),
        }
      : {
          Effect: 'Allow',
          Action: actionsOf(n),
          Resource: [`${beginning(n)}/shared/*`, `${beginning(n)}/open`],
          ...more(n),
        }

const asked =
  (beginning: (n: number) => string) =>
  (n: number, i: number): AccessRequest => ({
    action: actionOf(n),
    resource: `${beginning(n)}/${i % 2 === 0 ? 'shared' : 'private'}/d${i}`,
    context: contextOf(i),
  })

/** All statements are about every project; what a request says tells them apart. */
const everywhere =
  (condition: (n: number) => NonNullable<Statement['Condition']>) =>
  (n: number): Statement => ({
    Effect: n % 10 === 9 ? 'Deny' : 'Allow',
    Action: n % 10 === 9 ? [`svc${n % 20}:Delete`] : actionsOf(n),
    Resource: 'project/*',
    Condition: condition(n),
  })

const network = (n: number): string => `10.${n % 250}.${Math.floor(n / 250)}.0/24`
const instant = (seconds: number): string => new Date(seconds * 1000).toISOString()

const literal = (n: number): string => `project/p${n}`
const own = (n: number): string => `project/\${principal.path}/p${n}`

/** Every shape; the first is what the others are measured by. */
export const SHAPES: readonly Shape[] = [
  { name: 'literal', statementOf: project(literal), requestOf: asked(literal) },
  {
    name: 'own path',
    statementOf: project(own),
    requestOf: asked((n) => `project/${PATH}/p${n}`),
  },
  {
    name: 'network',
    statementOf: project(literal, () => ({
      Condition: { IpAddress: { 'request.ip': ['192.168.0.0/16', '10.0.0.0/8', '2001:db8::/32'] } },
    })),
    requestOf: asked(literal),
  },
  {
    name: 'networks of one resource',
    statementOf: everywhere((n) => ({ IpAddress: { 'request.ip': network(n) } })),
    requestOf: (n, i) => {
      const request = asked(literal)(n, i)
      const ip = i % 2 === 0 ? network(n).replace('.0/24', '.7') : '192.0.2.1'
      return { ...request, context: { ...request.context, 'request.ip': ip } }
    },
  },
  {
    name: 'date',
    statementOf: project(literal, () => ({
      Condition: {
        DateGreaterThan: { 'request.time': '2025-06-01T00:00:00Z' },
        DateLessThan: { 'request.time': '2030-01-01T00:00:00+05:30' },
      },
    })),
    requestOf: asked(literal),
  },
  {
    name: 'dates of one resource',
    statementOf: everywhere((n) => ({
      DateGreaterThanEquals: { 'request.time': instant(NOW + n * 3600) },
      DateLessThan: { 'request.time': instant(NOW + (n + 1) * 3600) },
    })),
    requestOf: (n, i) => {
      const request = asked(literal)(n, i)
      const time = i % 2 === 0 ? NOW + n * 3600 + 60 : NOW - 60
      return { ...request, context: { ...request.context, 'request.time': time } }
    },
  },
  {
    name: 'office hours',
    statementOf: project(literal, () => ({
      Condition: {
        TimeOfDay: { 'request.time': '00:00-23:59 Asia/Kolkata' },
        Weekday: { 'request.time': 'Mon-Sun Asia/Kolkata' },
      },
    })),
    requestOf: asked(literal),
  },
  {
    name: 'own limit',
    statementOf: project(literal, () => ({
      Condition: { NumericLessThanEquals: { 'svc.total': '${principal.attributes.limit}' } },
    })),
    requestOf: (n, i) => {
      const request = asked(literal)(n, i)
      return { ...request, context: { ...request.context, 'svc.total': i % 100 } }
    },
  },
  {
    name: 'all but resources',
    statementOf: (n) =>
      n % 10 === 9
        ? { Effect: 'Deny', Action: [`svc${n % 20}:Delete`], NotResource: [`${literal(n)}/*`] }
        : {
            Effect: 'Allow',
            Action: actionsOf(n),
            NotResource: ['project/*/private/*', `${literal(n)}/locked/*`],
          },
    requestOf: asked(literal),
  },
  {
    name: 'all but actions',
    statementOf: (n) =>
      n % 10 === 9
        ? { Effect: 'Deny', NotAction: ['svc*:Read*', 'svc*:List*'], Resource: `${literal(n)}/locked/*` }
        : {
            Effect: 'Allow',
            NotAction: [`svc${n % 20}:Delete`, 'svc*:Write*'],
            Resource: [`${literal(n)}/shared/*`, `${literal(n)}/open`],
          },
    requestOf: asked(literal),
  },
]

/** Statements of a shape. */
export const statementsOf = (shape: Shape, count: number): Statement[] =>
  Array.from({ length: count }, (_value, n) => shape.statementOf(n))

/** Requests about so many statements of a shape; half of them are allowed. */
export const requestsOf = (shape: Shape, count: number): AccessRequest[] =>
  Array.from({ length: 1000 }, (_value, i) => {
    // What denies allows nothing; it is asked about by its neighbour.
    const n = i % count
    return shape.requestOf(n % 10 === 9 ? n - 1 : n, i)
  })
