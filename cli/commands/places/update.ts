import { RemoteCommand } from '../../base-command.ts'
import { orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { PLACE_FLAGS, readFields, toFeature } from '../../places/feature.ts'
import { namedPlace, placeArg, placeView } from '../../places/view.ts'
import { usageProblem } from '../../problem.ts'

/** Changes fields of a place. */
export default class PlacesUpdate extends RemoteCommand<typeof PlacesUpdate> {
  static override summary = 'Change fields of a place'
  static override description =
    'What is not named stays; an empty address or operator is taken away. Refused if somebody else changed the place meanwhile.'
  static override examples = [
    '<%= config.bin %> places update depot-7 --name "Depot 7, gate B"',
    '<%= config.bin %> places update depot-7 --at 77.5901,12.9702 --operator ""',
  ]
  static override args = { id: placeArg }
  static override flags = PLACE_FLAGS

  protected override async execute(): Promise<View> {
    const { id } = this.args
    const { type, name, at, address, operator } = this.flags
    const typed = { type, name, at, address, operator }
    if (Object.values(typed).every((value) => value === undefined))
      throw usageProblem('nothing to change', 'Pass --type, --name, --at, --address or --operator.')
    const fields = readFields(typed)
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const present = await orNotFound(client.places.get(id), namedPlace(id))
    const changes = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
    const feature = toFeature({ ...present, ...changes })
    return placeView(await client.places.put(id, feature, { ifMatch: present.hash }))
  }
}
