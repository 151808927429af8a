import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { surroundings } from '../surroundings.ts'
import { interrupted, localProblem, Problem, usageProblem } from '../problem.ts'
import { decodeText, readText } from './text-file.ts'

/** Whether asking is forbidden, by the flag or by the environment. */
export const forbidsInput = (flag: boolean | undefined): boolean =>
  flag === true || (surroundings().env['AUTHCTL_NO_INPUT'] ?? '') !== ''

/** Whether a person can be asked: a terminal on both sides and nothing that forbids it (CLI-C11). */
export const canAsk = (noInput: boolean): boolean => {
  const { stdin, stderr } = surroundings()
  return !noInput && stdin.isTTY === true && stderr.isTTY === true
}

/**
 * Asks on the terminal; with `hidden`, what is typed is not shown. Rejects with `interrupted` on Ctrl-C and
 * on end of input.
 */
export const ask = async (question: string, { hidden = false } = {}): Promise<string> => {
  const { stdin, stderr } = surroundings()
  // readline redraws its line through this stream: silence hides the keys and leaves editing and paste to
  // readline.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const line = createInterface({
    input: stdin,
    output: hidden ? silent : stderr,
    terminal: true,
    historySize: 0,
  })
  let isAnswered = false
  try {
    // Only now, with the terminal's own echo off: what is typed as soon as the question shows must not show.
    if (hidden) stderr.write(question)
    else {
      line.setPrompt(question)
      line.prompt()
    }
    const answer = await new Promise<string>((resolve, reject) => {
      line.once('line', resolve)
      line.once('SIGINT', () => reject(interrupted()))
      line.once('close', () => reject(interrupted()))
    })
    isAnswered = true
    return answer
  } finally {
    line.close()
    stdin.pause()
    // Enter ends the line by itself, if it shows.
    if (hidden || !isAnswered) stderr.write('\n')
  }
}

const MAX_INPUT_BYTES = 64 * 1024 * 1024

/** All of standard input as UTF-8 text, be it a pipe, a file or nothing; refuses more than 64 MiB. */
export const readStdin = async (): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of surroundings().stdin as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_INPUT_BYTES) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path: 'standard input' })
  }
  if (size > MAX_INPUT_BYTES) throw localProblem('input_too_large', 'standard input has more than 64 MiB')
  return decodeText(Buffer.concat(chunks), 'standard input')
}

/** The text of a file, or with `-` of standard input, which must not be a terminal. */
export const readInput = async (file: string): Promise<string> => {
  if (file === '-' && surroundings().stdin.isTTY === true)
    throw usageProblem('standard input is a terminal', 'Pipe a file into it, or name one.')
  return file === '-' ? await readStdin() : readText(file)
}

/** Editors begin a file with a byte order mark, and end it with a line break: neither is of the secret. */
const secretIn = (text: string): string => text.replace(/^\ufeff/, '').replace(/\r?\n$/, '')

/** A secret from a file, without its one trailing line break; `what` names it in the error. */
export const readSecretFile = (path: string, what: string): string => {
  try {
    return secretIn(readText(path))
  } catch (error) {
    if (error instanceof Problem) throw error
    throw localProblem(
      'unreadable_file',
      `cannot read the ${what} from ${path}: ${(error as NodeJS.ErrnoException).code}`,
    )
  }
}

/**
 * Where a secret may come from, in this order: a file, standard input, the environment, the prompt. Never a
 * flag's value (CLI-C19).
 */
export interface SecretSources {
  /** In messages, such as `password`. */
  readonly what: string
  readonly file?: string | undefined
  readonly stdin?: boolean | undefined
  readonly env?: string | undefined
  readonly noInput: boolean
  /** Ask twice: the secret is a new one. */
  readonly twice?: boolean
  readonly question?: string
  /** What to type instead where nobody can be asked. */
  readonly hint: string
}

const askSecret = async ({ what, question = `${what}: `, twice = false }: SecretSources): Promise<string> => {
  const secret = await ask(question, { hidden: true })
  if (twice && (await ask(`The same ${what} again: `, { hidden: true })) !== secret)
    throw usageProblem(`the two ${what}s differ`, 'Type the command again.')
  return secret
}

/**
 * One secret from the first source that is given. Refuses an empty one, and says which flag to use where
 * nobody can be asked.
 */
export const readSecret = async (sources: SecretSources): Promise<string> => {
  const { what, file, env, noInput, hint } = sources
  let secret: string
  if (file !== undefined) secret = readSecretFile(file, what)
  else if (sources.stdin === true && surroundings().stdin.isTTY !== true) secret = secretIn(await readStdin())
  else if (env !== undefined) secret = env
  else if (canAsk(noInput)) secret = await askSecret(sources)
  else throw usageProblem(`no ${what} given, and nobody can be asked here`, hint)
  if (secret === '') throw usageProblem(`the ${what} is empty`, hint)
  return secret
}

/** A yes/no question; anything but y or yes is no. */
export const askYesNo = async (question: string): Promise<boolean> =>
  /^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim())
