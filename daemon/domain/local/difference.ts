import { canonicalJson } from '../../../policies/index.ts'
import type { LocalState, LocalView } from './view.ts'
import type { ReducedDocument } from './reduced-document.ts'

const SECTIONS = ['heads', 'policies', 'attachments', 'declared'] as const

type Section = (typeof SECTIONS)[number]
type Entries = Readonly<Record<string, unknown>>

/** A state, or its sections as they differ from another: null takes an entry away. */
export type LocalDifference = Omit<LocalState, Section> & Readonly<Record<Section, Entries>>

/** What a client applies: the state, or a difference, with the documents that are new in it. */
export interface LocalStep {
  /** The revision that it goes on from; null: it is whole. */
  readonly since: string | null
  readonly difference: LocalDifference
  readonly documents: Readonly<Record<string, ReducedDocument>>
}

/** What a view was, as far as the difference from it needs it: without the texts of its documents. */
export interface EarlierView extends Pick<LocalView, 'revision' | 'state'> {
  /** The digests of its documents. */
  readonly documents: ReadonlySet<string>
}

/** What is left of a view when another takes its place. */
export const earlierOf = ({ revision, state, documents }: LocalView): EarlierView => ({
  revision,
  state,
  documents: new Set(documents.keys()),
})

const differing = (from: Entries, to: Entries): Entries => {
  const changed = Object.entries(to).filter(
    ([name, value]) => !Object.hasOwn(from, name) || canonicalJson(from[name]) !== canonicalJson(value),
  )
  const gone = Object.keys(from).filter((name) => !Object.hasOwn(to, name))
  return Object.fromEntries([...changed, ...gone.map((name) => [name, null] as const)])
}

const documentsBut = (
  { documents }: LocalView,
  known: ReadonlySet<string>,
): Readonly<Record<string, ReducedDocument>> =>
  Object.fromEntries([...documents].filter(([digest]) => !known.has(digest)))

/** The whole of a view. */
export const wholeOf = (view: LocalView): LocalStep => ({
  since: null,
  difference: view.state,
  documents: documentsBut(view, new Set()),
})

/** What leads from one view to another of the same viewer. */
export const differenceOf = (from: EarlierView, to: LocalView): LocalStep => ({
  since: from.revision,
  difference: {
    ...to.state,
    heads: differing(from.state.heads, to.state.heads),
    policies: differing(from.state.policies, to.state.policies),
    attachments: differing(from.state.attachments, to.state.attachments),
    declared: differing(from.state.declared, to.state.declared),
  },
  documents: documentsBut(to, from.documents),
})
