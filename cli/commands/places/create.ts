import { string } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'
import { PLACE_FLAGS, readFields, toFeature } from '../../places/feature.ts'
import { placeView } from '../../places/view.ts'
import { usageProblem } from '../../problem.ts'

/** Adds a place. */
export default class PlacesCreate extends RemoteCommand<typeof PlacesCreate> {
  static override summary = 'Add a place: an EV charger or a swap station'
  static override description = 'For many at once: places import.'
  static override examples = [
    '<%= config.bin %> places create --type ev-charger --name "MG Road" --at 77.6101,12.9756',
    '<%= config.bin %> places create --id depot-7 --type swap-station --name "Depot 7" --at 77.59,12.97 --operator Voltway',
  ]
  static override flags = {
    id: string({ summary: 'What it is known by; one is made up, if left out' }),
    ...PLACE_FLAGS,
  }

  protected override async execute(): Promise<View> {
    const { id, type, name, at, address, operator } = this.flags
    const missing = Object.entries({ type, name, at }).flatMap(([flag, value]) =>
      value === undefined ? [`--${flag}`] : [],
    )
    if (missing.length > 0)
      throw usageProblem(`missing ${missing.join(', ')}`, 'See: authctl places create --help')
    const feature = toFeature({ id, ...readFields({ type, name, at, address, operator }) })
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    return placeView(await client.places.create(feature))
  }
}
