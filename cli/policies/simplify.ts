import { simplifyDocument, type Superfluous } from '../../policies/plan/index.ts'
import { rewriteJson, validateSet, type PolicySet } from '../../policies/set/index.ts'
import { validateDocument } from '../../policies/validate/index.ts'
import type { FileText, Place, PolicyFolder } from './folder.ts'

/** A part of a policy that says nothing which the rest of it does not say, with its place. */
export interface Found extends Superfluous, Place {
  readonly policy: string
  /** The Sid of its statement, or its number from 0. */
  readonly name: string
}

/** What can be simplified in a folder. */
export interface SimplifiedSet {
  readonly found: readonly Found[]
  /** The files without it. */
  readonly files: readonly FileText[]
}

type SetDocument = PolicySet['documents'][number]

/** Whether tests call statements of a policy by name or number: then those that do must stay. */
const areNamed = ({ tests }: PolicySet, policy: string): boolean =>
  tests.some(({ cases = [] }) => cases.some(({ statement }) => statement?.startsWith(`${policy}/`) === true))

const rewrite = async ({ text, parse }: FileText, document: object): Promise<string | undefined> => {
  if (parse === undefined) return rewriteJson(text, document)
  const { rewriteYaml } = await import('../../policies/yaml/index.ts')
  return rewriteYaml(text, document)
}

const simplifyOne = async (
  { document, file: path, placeOf }: SetDocument,
  { set, file }: { set: PolicySet; file: FileText },
): Promise<{ found: readonly Found[]; text: string } | undefined> => {
  const { catalogue } = set
  const simplified = simplifyDocument(document, {
    mayDropStatements: !areNamed(set, document.Id),
    isValid: (changed) =>
      validateDocument(JSON.stringify(changed), { file: path, catalogue }).diagnostics.length === 0,
  })
  const { removed } = simplified
  if (removed.length === 0) return undefined
  const text = await rewrite(file, simplified.document)
  if (text === undefined) return undefined
  const found = removed.map((each): Found => {
    const place = placeOf(each.statement, each.pointer)
    const name = document.Statement[each.statement]?.Sid ?? String(each.statement)
    return { ...each, ...place, file: path, policy: document.Id, name }
  })
  return { found, text }
}

/** The same folder with some files changed; undefined if it is not valid any more. */
const areSound = (folder: PolicyFolder, changed: readonly FileText[]): boolean => {
  const texts = new Map(changed.map(({ path, text }) => [path, text]))
  const files = folder.files.map((file) => ({ ...file, text: texts.get(file.path) ?? file.text }))
  return !validateSet(files).diagnostics.some(({ severity }) => severity === 'error')
}

/**
 * What is proved to be superfluous in the policies of a valid set, and the files without it. Whatever a
 * policy is attached to and whatever stands beside it, it decides as before.
 */
export const simplifySet = async (folder: PolicyFolder, set: PolicySet): Promise<SimplifiedSet> => {
  const found: Found[] = []
  const files: FileText[] = []
  for (const document of set.documents) {
    const file = folder.files.find(({ path }) => path === document.file)
    if (file === undefined || folder.only?.has(file.path) === false) continue
    const simplified = await simplifyOne(document, { set, file })
    if (simplified === undefined || !areSound(folder, [{ ...file, text: simplified.text }])) continue
    found.push(...simplified.found)
    files.push({ ...file, text: simplified.text })
  }
  return { found, files }
}
