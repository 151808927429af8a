import { type Api, createApi } from './support/api.ts'
import { httpOver } from './journeys/faces/http.ts'
import { openStage, type Stage } from './journeys/faces/journey.ts'
import { journeysOf } from './journeys/faces/journeys.ts'
import { printAnswer, printChapter, printEnd, printNote, printRequest } from './support/transcript.ts'

/** The API, with every request and every answer on the screen. */
const createTalkingApi = (url: string): Api => {
  const call: Api['call'] = async (method, path, options = {}) => {
    printRequest(method, path, options.body, options.token)
    const start = performance.now()
    const answer = await silent.call(method, path, options)
    printAnswer(answer.status, answer.body, performance.now() - start)
    return answer
  }
  const silent = createApi(url)
  return {
    url,
    call,
    get: (path, token) => call('GET', path, token === undefined ? {} : { token }),
    post: (path, body = {}, token) => call('POST', path, { body, ...(token === undefined ? {} : { token }) }),
    del: (path, token) => call('DELETE', path, token === undefined ? {} : { token }),
  }
}

/** Tells the journeys, one chapter each; throws at the first that goes another way. */
const tell = async (stage: Stage): Promise<void> => {
  for (const [index, { tells, run }] of journeysOf(stage.face).entries()) {
    printChapter(`${index + 1}. ${tells[0]?.toUpperCase()}${tells.slice(1)}`)
    await run(stage)
  }
}

const start = performance.now()
const elapsed = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`
const stage = await openStage(httpOver(createTalkingApi))
printNote(`A daemon of its own runs at ${stage.daemon.url} with its data in ${stage.daemon.dataDir}.`)
printNote('Its clock is ours: where the story needs an hour, the clock moves on by one.')
try {
  await tell(stage)
  printEnd(true, `The tour is complete: every answer was as expected; ${elapsed()}.`)
} catch (error) {
  const lines = stage.daemon.log.lines.map((line) => JSON.stringify(line)).join('\n')
  process.stderr.write(`\nThe daemon logged:\n${lines}\n`)
  printEnd(false, `The tour failed after ${elapsed()}: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  await stage.close()
}
