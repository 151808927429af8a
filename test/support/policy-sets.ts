import type { Answer, Api } from './api.ts'

/** A file of a set. */
export interface SentFile {
  readonly path: string
  readonly text: string
}

/** The files of a set by their paths; a value that is no text is written as JSON. */
export const filesOf = (set: string, files: Readonly<Record<string, unknown>> = {}): SentFile[] =>
  Object.entries({ 'authctl.json': { set }, ...files }).map(([path, content]) => ({
    path,
    text: typeof content === 'string' ? content : JSON.stringify(content, null, 2),
  }))

/** A list of attachments as a file has it. */
export const attaching = (...attachments: object[]) => ({ attachments })

/** What is asked for beside the files. */
export type Options = Readonly<Record<string, unknown>>

/** The body about a set. */
export const bodyOf = (set: string, files: Readonly<Record<string, unknown>>, options: Options = {}) => ({
  set,
  files: filesOf(set, files),
  ...options,
})

/** An object of a plan, as far as tests look at it. */
export interface PlannedChange {
  readonly kind: string
  readonly name: string
  readonly verb: string
  readonly owner: string | null
  readonly adopts: boolean
  readonly source: string | null
}

/** What a plan says, as far as tests look at it. */
export interface SentPlan {
  readonly order: Readonly<Record<string, unknown>>
  readonly base: { readonly revision: string | null; readonly number: number }
  readonly changes: readonly PlannedChange[]
  readonly conflicts: readonly {
    readonly kind: string
    readonly name: string
    readonly owner: string | null
  }[]
  readonly spared: readonly { readonly kind: string; readonly name: string }[]
  readonly refusals: readonly { readonly code: string; readonly detail: string }[]
  readonly access: {
    readonly gained: { readonly rights: number; readonly accounts: number }
    readonly lost: { readonly rights: number; readonly accounts: number }
    readonly changes: readonly Readonly<Record<string, unknown>>[]
    readonly examined: number
  }
  readonly warnings: readonly { readonly code: string; readonly file: string; readonly line: number }[]
  readonly digest: string
  readonly signature: string
}

/** The plan of an answer. Throws what else was answered. */
export const planOf = ({ status, text, body }: Answer): SentPlan => {
  if (status !== 200) throw new Error(text)
  return ('plan' in body ? body['plan'] : body) as unknown as SentPlan
}

/** The changes of a plan in short: `create document/readers`. */
export const changesOf = ({ changes }: Pick<SentPlan, 'changes'>): string[] =>
  changes.map(({ verb, kind, name }) => `${verb} ${kind}/${name}`)

/** Asks for a plan, and answers it. */
export const planSet = async (api: Api, token: string, body: object): Promise<SentPlan> =>
  planOf(await api.post('/policies/plan', body, token))

/** Applies; anything else than success throws. */
export const applySet = async (api: Api, token: string, body: object): Promise<Answer['body']> => {
  const answer = await api.post('/policies/apply', body, token)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}
