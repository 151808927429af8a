import type { AccountFacts } from '../types.gen.ts'

type Scalar = string | number | boolean

/** A policy, as it stands in `documents/`. */
export interface PolicyFile {
  readonly Id: string
  readonly Statement: readonly object[]
}

/** What a service declares, as it stands in `services/`. */
export interface ServiceFile {
  readonly service: string
  readonly actions: object
  readonly resource_types: object
}

/** Who gets policies, as in a file of `attachments/`. */
export interface AttachmentRow {
  readonly to: {
    readonly id?: string
    readonly username?: string
    readonly role?: AccountFacts['role']
    /** For an account that has one of the values of each. */
    readonly attributes?: Readonly<Record<string, Scalar | readonly Scalar[]>>
  }
  readonly policies?: string | readonly string[]
  readonly boundary?: string
}

/** An account of a test, as in the `principals` of decision tests. Its name is its id, and its username. */
export interface TestPrincipal {
  readonly role: AccountFacts['role']
  /** The account above it; left out for one at the top. */
  readonly creator?: string
  readonly attributes?: Readonly<Record<string, Scalar>>
  /** Attached to itself. */
  readonly policies?: readonly string[]
  readonly boundary?: string
  /** Default `active`. */
  readonly status?: AccountFacts['status']
}

/** What the files of a folder of policies say, in the namespace `root`. */
export interface PolicySet {
  readonly documents: readonly PolicyFile[]
  readonly services: readonly ServiceFile[]
  readonly attachments: readonly AttachmentRow[]
}

interface NodeFiles {
  readonly readdirSync: (folder: string) => readonly string[]
  readonly existsSync: (folder: string) => boolean
  readonly readFileSync: (file: string, encoding: 'utf8') => string
}

/** The files of Node, by its own way for code that also runs elsewhere. */
const filesOf = (): NodeFiles => {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => NodeFiles } }
  const files = process?.getBuiltinModule?.('node:fs')
  if (files === undefined) throw new TypeError('a folder can be read on Node, Deno and Bun only')
  return files
}

/**
 * Reads a folder of policies as `authctl policies init` lays it out; its YAML is passed over. It is not
 * validated: `authctl policies validate` does that.
 */
export const readPolicyFolder = (folder: string): PolicySet => {
  const { readdirSync, existsSync, readFileSync } = filesOf()
  const read = (part: string): unknown[] => {
    const place = `${folder}/${part}`
    const names = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith('.json')) : []
    return names.map((name) => JSON.parse(readFileSync(`${place}/${name}`, 'utf8')) as unknown)
  }
  const attachments = read('attachments') as { attachments: AttachmentRow[] }[]
  return {
    documents: read('documents') as PolicyFile[],
    services: read('services') as ServiceFile[],
    attachments: attachments.flatMap((file) => file.attachments),
  }
}
