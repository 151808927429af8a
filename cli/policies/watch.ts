import { boolean } from '@oclif/core/flags'
import { watch } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { reportError } from '../errors/report.ts'
import { paint } from '../output/color.ts'
import { tell } from '../output/print.ts'
import { usageProblem } from '../problem.ts'
import { surroundings } from '../surroundings.ts'

/** Has a command do its work again and again. */
export const WATCH_FLAG = {
  watch: boolean({
    summary: 'Do it again whenever a file changes, until Ctrl-C; on a terminal only',
    exclusive: ['json', 'sarif'],
  }),
}

const CLEAR_SCREEN = '\u001B[2J\u001B[3J\u001B[H'
/**
 * An editor writes a file in several steps, and a checkout writes many: what comes within it is one change.
 */
const QUIET_MS = 100

/** Waits for changes below folders, one after the other; what changes in between is not missed. */
const changesIn = (folders: readonly string[]) => {
  let isChanged = false
  let wake = (): void => undefined
  for (const folder of new Set(folders)) {
    const watcher = watch(folder, { recursive: true }, () => {
      isChanged = true
      wake()
    })
    // A folder that goes is told by the next run.
    watcher.on('error', () => undefined)
  }
  return async (): Promise<void> => {
    if (!isChanged) await new Promise<void>((resolve) => (wake = resolve))
    do {
      isChanged = false
      await after(QUIET_MS)
    } while (isChanged)
  }
}

/**
 * Does something on a clear screen, and again whenever a file below the folders has changed; Ctrl-C ends it.
 * What goes wrong is told and ends nothing. Throws `Problem` where nobody sits at a terminal: a pipeline
 * would wait for ever.
 */
export const watching = async (folders: readonly string[], run: () => Promise<void>): Promise<never> => {
  const { stdout, stderr } = surroundings()
  if (stdout.isTTY !== true)
    throw usageProblem('--watch is for a terminal', 'Leave it out in a script or a pipeline.')
  const nextChange = changesIn(folders)
  for (;;) {
    stdout.write(CLEAR_SCREEN)
    try {
      await run()
    } catch (error) {
      reportError(error, [])
    }
    tell(paint(stderr, 'dim', `Watching ${[...new Set(folders)].join(', ')}; Ctrl-C ends it.`))
    await nextChange()
  }
}
