import { mkdirSync, writeFileSync } from 'node:fs'
import { createMongoAbility } from '@casl/ability'
import { newEnforcer, newModel, StringAdapter } from 'casbin'
import {
  type AccessRequest,
  compilePolicy,
  createLayer,
  decide,
  explain,
  type OwnedLayer,
  type Statement,
} from '../../policies/index.ts'
import type { Principal } from '../../daemon/domain/session.ts'
import { withoutStoredPolicies } from '../support/policies.ts'
import { createAuthorize } from '../../daemon/usecases/access/authorize.ts'
import { measureGuard } from './guard.ts'
import { OWNER, requestsOf, SHAPES, statementsOf, type Shape } from './policy-shapes.ts'
import { askCedar, prepareCedar } from '../policies/cedar.ts'
import { median } from './median.ts'
import { processorMs } from './processor-time.ts'

/*
 * Decisions per second over four layers, ours beside CASL, casbin and Cedar in one run: the same statements,
 * the same requests, one thread. What they can do differs (CASL compares subjects in memory, casbin matches
 * policy lines, Cedar walks its policies); the figures say what a question costs, not who is better at what.
 */

const LAYERS = 4
const SIZES = [10, 100, 1000]
const ROUNDS = 5
const SLICE_MS = 400

const LITERAL = SHAPES[0] as Shape

const layersOf = (statements: readonly Statement[]): OwnedLayer[] =>
  Array.from({ length: LAYERS }, (_value, n) => ({
    kind: 'own',
    principal: OWNER,
    layer: createLayer([compilePolicy({ Statement: statements }, { name: `p${n}`, hash: `h${n}` })]),
  }))

type Ask = (request: AccessRequest) => boolean

const ours = (statements: readonly Statement[]): Ask => {
  const layers = layersOf(statements)
  return (request) => decide(layers, request).verdict === 'ALLOW'
}

const explained = (statements: readonly Statement[]): Ask => {
  const layers = layersOf(statements)
  return (request) => explain(layers, request).decision === 'ALLOW'
}

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? [])

const casl = (statements: readonly Statement[]): Ask => {
  const escaped = (pattern: string): string =>
    pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  const rules = statements.map((statement) => ({
    action: list(statement.Action).flatMap((name) => (name.endsWith('*') ? [name.replace('*', '')] : [name])),
    subject: 'resource',
    conditions: { path: { $regex: `^(?:${list(statement.Resource).map(escaped).join('|')})$` } },
    inverted: statement.Effect === 'Deny',
  }))
  const abilities = Array.from({ length: LAYERS }, () =>
    createMongoAbility(rules, { detectSubjectType: () => 'resource' }),
  )
  return ({ action, resource }) => abilities.every((ability) => ability.can(action, { path: resource }))
}

const CASBIN_MODEL = `
[request_definition]
r = obj, act
[policy_definition]
p = obj, act, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = globMatch(r.act, p.act) && keyMatch(r.obj, p.obj)
`

const casbin = async (statements: readonly Statement[]): Promise<Ask> => {
  const lines = statements.flatMap(({ Action, Resource, Effect }) =>
    list(Action).flatMap((act) => list(Resource).map((obj) => `p, ${obj}, ${act}, ${Effect.toLowerCase()}`)),
  )
  const enforcer = await newEnforcer(newModel(CASBIN_MODEL), new StringAdapter(lines.join('\n')))
  return ({ action, resource }) => {
    for (let n = 0; n < LAYERS; n++) if (!enforcer.enforceSync(resource, action)) return false
    return true
  }
}

const cedar = (statements: readonly Statement[]): Ask => {
  prepareCedar('bench', statements)
  return (request) => {
    for (let n = 0; n < LAYERS; n++)
      if (askCedar('bench', { ...request, context: {} }) !== 'ALLOW') return false
    return true
  }
}

/** Questions a second, and the share that was allowed: what is compared has to give the same answers. */
const rateOf = (ask: Ask, requests: readonly AccessRequest[]): { rate: number; allowed: number } => {
  for (let count = 16; ; count *= 2) {
    let allowed = 0
    const start = processorMs()
    for (let i = 0; i < count; i++) if (ask(requests[i % requests.length] as AccessRequest)) allowed += 1
    const ms = processorMs() - start
    if (ms >= SLICE_MS) return { rate: (count / ms) * 1000, allowed: allowed / count }
  }
}

const compileMs = (): number => {
  const statements = statementsOf(LITERAL, 1000)
  return median(
    Array.from({ length: 20 }, (_value, n) => {
      const start = performance.now()
      compilePolicy({ Statement: statements }, { name: 'p', hash: `h${n}` })
      return performance.now() - start
    }),
  )
}

/**
 * What the policies cost a request of a sub-client, in microseconds: three layers, from the accounts to the
 * decision.
 */
const guardMicros = async (): Promise<number> => {
  const account = (role: string, path: string) => ({
    id: path.split('/').at(-1),
    role,
    path,
    attributes: { tier: 'gold' },
    policies: [],
    boundary: null,
    version: 1,
  })
  const ancestors = [account('admin', 'adm_a'), account('client', 'adm_a/cli_c')]
  const principal = { account: account('sub-client', 'adm_a/cli_c/sub_s'), ancestors } as unknown as Principal
  const authorize = createAuthorize({
    ...(await withoutStoredPolicies()),
    clock: { now: () => Date.now() },
    audit: { record: () => undefined },
  })
  const attempt = { principal, action: 'authctl:GetSelf', resource: 'account/adm_a/cli_c/sub_s' }
  const origin = { ip: '192.0.2.1', userAgent: null, requestId: 'r' }
  const ask = (): boolean => {
    authorize({ ...attempt, origin })
    return true
  }
  const nothing: AccessRequest = { action: '', resource: '', context: {} }
  return 1e6 / median(Array.from({ length: ROUNDS }, () => rateOf(ask, [nothing]).rate))
}

const SUBJECTS: Readonly<Record<string, (statements: readonly Statement[]) => Ask | Promise<Ask>>> = {
  'authctl decide': ours,
  'authctl explain': explained,
  CASL: casl,
  casbin,
  'Cedar (preparsed)': cedar,
}

const rows: { subject: string; statements: number; perSecond: number; allowed: number }[] = []
for (const statements of SIZES) {
  const requests = requestsOf(LITERAL, statements)
  const asks = await Promise.all(
    Object.entries(SUBJECTS).map(async ([subject, make]) => ({
      subject,
      ask: await make(statementsOf(LITERAL, statements)),
    })),
  )
  const runs = new Map(asks.map(({ subject }) => [subject, [] as { rate: number; allowed: number }[]]))
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`${statements} statements, round ${round + 1} of ${ROUNDS}\n`)
    for (const { subject, ask } of asks) runs.get(subject)?.push(rateOf(ask, requests))
  }
  for (const [subject, measured] of runs) {
    const perSecond = Math.round(median(measured.map(({ rate }) => rate)))
    rows.push({
      subject,
      statements,
      perSecond,
      allowed: Number(median(measured.map(({ allowed }) => allowed)).toFixed(2)),
    })
  }
}

/** Every shape of statements, asked in turn, in decisions and explanations a second. */
const measureShapes = () => {
  const subjects = SHAPES.map((shape) => ({
    shape: shape.name,
    requests: requestsOf(shape, 1000),
    decide: ours(statementsOf(shape, 1000)),
    explain: explained(statementsOf(shape, 1000)),
    decisions: [] as number[],
    explanations: [] as number[],
  }))
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`shapes, round ${round + 1} of ${ROUNDS}\n`)
    for (const { requests, decide: ask, explain: why, decisions, explanations } of subjects) {
      decisions.push(rateOf(ask, requests).rate)
      explanations.push(rateOf(why, requests).rate)
    }
  }
  const literal = median(subjects[0]?.decisions ?? [])
  return subjects.map(({ shape, decisions, explanations }) => ({
    shape,
    perSecond: Math.round(median(decisions)),
    slowerThanLiteral: Number((literal / median(decisions)).toFixed(2)),
    explanationsPerSecond: Math.round(median(explanations)),
  }))
}

const shapes = measureShapes()
const explanationsOf = (shape: string): number =>
  shapes.find((each) => each.shape === shape)?.explanationsPerSecond ?? NaN

const rate = (subject: string, statements: number): number =>
  rows.find((row) => row.subject === subject && row.statements === statements)?.perSecond ?? NaN
const aims = [
  {
    figure: 'decisions/s at 1,000 statements × 4 layers',
    value: rate('authctl decide', 1000),
    aim: '>= 500000',
  },
  {
    figure: 'drop from 10 to 1,000 statements',
    value: Number((rate('authctl decide', 10) / rate('authctl decide', 1000)).toFixed(2)),
    aim: '<= 2',
  },
  {
    figure: 'times slower than CASL at 10 statements',
    value: Number((rate('CASL', 10) / rate('authctl decide', 10)).toFixed(2)),
    aim: '<= 1.2',
  },
  {
    figure: 'times that the slowest shape is slower than a literal beginning',
    value: Math.max(...shapes.map(({ slowerThanLiteral }) => slowerThanLiteral)),
    aim: '<= 3',
  },
  { figure: 'explanations/s, own path', value: explanationsOf('own path'), aim: '>= 50000' },
  { figure: 'explanations/s, network', value: explanationsOf('network'), aim: '>= 50000' },
  {
    figure: 'explanations/s, slowest shape',
    value: Math.min(...shapes.map(({ explanationsPerSecond }) => explanationsPerSecond)),
    aim: '>= 5000',
  },
  { figure: 'compile of 1,000 statements (ms)', value: Number(compileMs().toFixed(2)), aim: '< 20' },
  { figure: 'explanations/s at 1,000 statements', value: rate('authctl explain', 1000), aim: '>= 50000' },
  {
    figure: 'guard of GET /auth/me for a sub-client (µs)',
    value: Number((await guardMicros()).toFixed(2)),
    aim: '',
  },
]

const { guarded, unguarded } = await measureGuard()
const guard = {
  'GET /auth/me, requests/s': guarded,
  'the same without the guard': unguarded,
  ratio: Number((guarded / unguarded).toFixed(3)),
}

console.table(rows)
console.table(shapes)
console.table(aims)
console.table(guard)
mkdirSync('bench-results', { recursive: true })
writeFileSync('bench-results/policies.json', `${JSON.stringify({ rows, shapes, aims, guard }, null, 2)}\n`)
