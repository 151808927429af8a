import { afterAll, beforeAll, describe, test } from 'vitest'
import { cli } from './faces/cli.ts'
import { http } from './faces/http.ts'
import { openStage, type Stage } from './faces/journey.ts'
import { journeysOf } from './faces/journeys.ts'
import { sdk } from './faces/sdk.ts'

// Each journey goes on where the one before stopped.
describe.each([http, sdk, cli])('journeys through $name', (face) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(face)
  })
  afterAll(() => stage.close())

  test.each(journeysOf(face))('$tells', async ({ run }) => {
    await run(stage)
  })
})
