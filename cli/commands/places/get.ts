import { RemoteCommand } from '../../base-command.ts'
import { orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'
import { namedPlace, placeArg, placeView } from '../../places/view.ts'

/** One place. */
export default class PlacesGet extends RemoteCommand<typeof PlacesGet> {
  static override summary = 'Show a place'
  static override examples = [
    '<%= config.bin %> places get depot-7',
    '<%= config.bin %> places get depot-7 --json',
  ]
  static override args = { id: placeArg }

  protected override async execute(): Promise<View> {
    const { id } = this.args
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    return placeView(await orNotFound(client.places.get(id), namedPlace(id)))
  }
}
