import type { AuthctlClient } from '@authctl/sdk'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PolicyDocument } from '../../../policies/index.ts'
import {
  proveNoNewAccess,
  type AccessState,
  type NewAccess,
  type Plan,
  type PolicyObject,
  objectText,
} from '../../../policies/plan/index.ts'
import { namedRevision, orNotFound } from '../../errors/not-found.ts'
import { localProblem, Problem } from '../../problem.ts'
import { shellWord } from '../../output/shell-word.ts'
import { surroundings } from '../../surroundings.ts'
import { readPolicyFolder } from '../folder.ts'
import { objectsOfSet, readHead, readRevision } from './objects.ts'
import { contextWords } from './words.ts'

const REVISION = /^(?:[1-9][0-9]{0,8}|[A-Za-z0-9_-]{43})$/

/** Whether a state is one of the server; otherwise it is a folder, or one at a commit of git. */
export const isRevision = (against: string): boolean => REVISION.test(against) && !existsSync(against)

const stateOf = (objects: readonly PolicyObject[]): AccessState => ({
  services: objects.flatMap((each) => (each.kind === 'service' ? [each.value] : [])),
  documents: objects.flatMap((each) => (each.kind === 'document' ? [each.value] : [])),
  attachments: objects.flatMap((each) => (each.kind === 'attachment' ? [each.value] : [])),
})

/** What a valid folder says. */
const stateIn = async (folder: string): Promise<AccessState> => {
  const { validateSet } = await import('../../../policies/set/index.ts')
  const { files, shown } = await readPolicyFolder(folder)
  const set = validateSet(files)
  const error = set.diagnostics.find(({ severity }) => severity === 'error')
  if (error === undefined) return stateOf(objectsOfSet(set))
  const { file, line, column } = shown(error)
  throw new Problem({
    code: 'policy_invalid',
    message: `${file}:${line}:${column}: ${error.code}: ${error.message}`,
    hint: `See all of it with: authctl policies validate ${shellWord(folder)}`,
    exit: 'invalidPolicy',
  })
}

const git = (args: readonly string[], input?: Buffer): Buffer =>
  execFileSync(input === undefined ? 'git' : 'tar', args, {
    env: surroundings().env,
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 512 * 1024 * 1024,
  })

/** A folder as it is at a commit, branch or tag, in a place of its own while `use` works with it. */
const atCommit = async <T>(ref: string, folder: string, use: (place: string) => Promise<T>): Promise<T> => {
  const place = mkdtempSync(join(tmpdir(), 'authctl-against-'))
  try {
    const archive = git(['-C', folder, 'archive', '--format=tar', ref, '.'])
    git(['-x', '-C', place], archive)
    return await use(place)
  } catch (error) {
    if (error instanceof Problem) throw error
    throw localProblem(
      'not_found',
      `${ref} is no revision, no folder, and no commit of git that has ${folder}`,
      'Name a revision (authctl policies history), a folder, or a commit, branch or tag.',
      'usage',
    )
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** What it says there. */
const stateAt = (ref: string, folder: string): Promise<AccessState> => atCommit(ref, folder, stateIn)

/** Whether a folder is in a commit; false also for what is no commit. */
const isIn = (ref: string, folder: string): boolean => {
  try {
    return git(['-C', folder, 'ls-tree', ref, '--', '.']).length > 0
  } catch {
    return false
  }
}

/** The commit from which the present one has branched off another. Throws `Problem` for what is none. */
const branchPoint = (ref: string, folder: string): string => {
  try {
    return git(['-C', folder, 'merge-base', ref, 'HEAD']).toString('utf8').trim()
  } catch {
    throw localProblem(
      'not_found',
      `${ref} is no commit of git from which ${folder} comes`,
      'Name a commit, branch or tag; a pipeline may have to fetch it first.',
      'usage',
    )
  }
}

/**
 * The policies of a folder as they are where the present commit has branched off another: none, if the folder
 * is not there. What is wrong in them, or in what they name, does not matter.
 */
export const documentsSince = async (ref: string, folder: string): Promise<readonly PolicyDocument[]> => {
  const base = branchPoint(ref, folder)
  if (!isIn(base, folder)) return []
  return await atCommit(base, folder, async (place) => {
    const { validateSet } = await import('../../../policies/set/index.ts')
    const { files } = await readPolicyFolder(place)
    return validateSet(files).documents.map(({ document }) => document)
  })
}

/** What a folder says, and what another says, or the folder itself at a commit; asks no server. */
export const statesOf = async (
  folder: string,
  against: string,
): Promise<{ readonly before: AccessState; readonly after: AccessState }> => ({
  before: existsSync(against) ? await stateIn(against) : await stateAt(against, folder),
  after: await stateIn(folder),
})

/** Whether the folder gives more than another folder, or than itself at a commit; asks no server. */
export const proveOffline = async (folder: string, against: string): Promise<NewAccess> => {
  const { before, after } = await statesOf(folder, against)
  return proveNoNewAccess(before, after)
}

/** A part of a change as an object. */
const objectOf = ({ kind, name }: Plan['changes'][number], value: object): PolicyObject =>
  // The server has made both of one kind.
  ({ kind, name, value, origin: null }) as PolicyObject

/** The objects that will be there when the plan is applied. */
const appliedTo = (objects: readonly PolicyObject[], { changes }: Plan): PolicyObject[] => {
  const left = [...objects]
  for (const change of changes) {
    const { kind, before } = change
    const gone = before === null ? undefined : objectText(objectOf(change, before))
    const at = left.findIndex((each) => each.kind === kind && objectText(each) === gone)
    if (at >= 0) left.splice(at, 1)
  }
  return [...left, ...changes.flatMap((each) => (each.after === null ? [] : [objectOf(each, each.after)]))]
}

/** Whether a plan gives more than a revision of the server, or than what is in force. */
export const provePlanned = async (
  client: AuthctlClient,
  { plan, against }: { plan: Plan; against: string | undefined },
): Promise<NewAccess> => {
  const { namespace } = plan.order
  const head = await readHead(client, namespace)
  const live = head?.objects ?? []
  const before =
    against === undefined
      ? live
      : (await orNotFound(readRevision(client, against, namespace), namedRevision(against))).objects
  return proveNoNewAccess(stateOf(before), stateOf(appliedTo(live, plan)))
}

/** The verdict in words. */
export const verdictWords = (proved: NewAccess): string => {
  switch (proved.verdict) {
    case 'PASS':
      return 'PASS: nobody gains anything, whatever else they have; proved for all accounts and requests'
    case 'FAIL': {
      const { action, resource, witness } = proved.gained
      const said = contextWords(witness.context)
      return `FAIL: ${proved.who} gain ${action} on ${resource}, such as ${witness.resource}${said === '' ? '' : ` with ${said}`}`
    }
    case 'UNKNOWN':
      return `UNKNOWN: ${proved.who}: ${proved.reason}`
  }
}

/** What is not a PASS, as an error. */
export const newAccessProblem = (proved: NewAccess): Problem | undefined =>
  proved.verdict === 'PASS'
    ? undefined
    : new Problem({
        code: 'new_access',
        message: verdictWords(proved),
        hint: 'Only what is proved to give nothing new passes --no-new-access. Nothing was changed.',
        exit: 'failure',
      })
