import type { Changed, Replayed } from './replay.ts'

const MAX_SHOWN = 20

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

const byWhat = ({ decision, reason, layer, statement }: Changed['before']): string => {
  if (reason !== null) return `${decision} (${reason.replaceAll('_', ' ')})`
  if (statement === null) return `${decision}: nothing allows it in the layer ${layer ?? 'of nobody'}`
  const { policy, sid, statement: index, effect, source } = statement
  const where = source === null ? '' : ` (${source})`
  return `${decision} by ${effect} of ${policy}, ${sid ?? `statement ${index}`}${where}`
}

const contextOf = ({ context = {} }: Changed): string => {
  const said = Object.entries(context)
  return said.length === 0 ? '' : `, with ${JSON.stringify(Object.fromEntries(said))}`
}

const linesOf = (changed: Changed): string[] => {
  const { account, action, resource, count: times, before, after } = changed
  const sign = after.decision === 'ALLOW' ? '+' : '-'
  return [
    `${sign} ${action} on ${resource}, asked ${count(times, 'time')}`,
    `    for ${account}${contextOf(changed)}`,
    `    before: ${byWhat(before)}`,
    `    after:  ${byWhat(after)}`,
  ]
}

const leftOut = ({ unknown_account, private_value, unreadable }: Replayed): string[] =>
  [
    { number: unknown_account, what: 'of accounts that are gone or not yours' },
    { number: private_value, what: 'whose private values policies compare' },
    { number: unreadable, what: 'that cannot be read' },
  ].flatMap(({ number, what }) => (number === 0 ? [] : [`Left out: ${number} ${what}.`]))

/** What a recording says of a plan, for people: the questions that were asked most come first. */
export const replayText = (replayed: Replayed): string => {
  const { questions, distinct, changed, changes } = replayed
  const asked = `${count(questions, 'recorded question')} (${distinct} distinct)`
  const head =
    changes.length === 0
      ? `Replay: none of ${asked} would be answered otherwise.`
      : `Replay: ${changed} of ${asked} would be answered otherwise:`
  const more = changes.length - MAX_SHOWN
  return [
    head,
    ...changes.slice(0, MAX_SHOWN).flatMap(linesOf),
    ...(more > 0 ? [`and ${count(more, 'other distinct question')}: -o json has all of them`] : []),
    ...leftOut(replayed),
  ].join('\n')
}

/** The same as a part of a comment of a pull request. */
export const replayMarkdown = (replayed: Replayed): string => {
  const [head = '', ...rest] = replayText(replayed).split('\n')
  return rest.length === 0 ? head : `${head}\n\n\`\`\`diff\n${rest.join('\n')}\n\`\`\``
}
