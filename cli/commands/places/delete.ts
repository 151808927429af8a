import { RemoteCommand } from '../../base-command.ts'
import { tellActor } from '../../connection/acting.ts'
import { orNotFound } from '../../errors/not-found.ts'
import { recordView, type View } from '../../output/print.ts'
import { namedPlace, placeArg } from '../../places/view.ts'

/** Takes a place away; asks first. */
export default class PlacesDelete extends RemoteCommand<typeof PlacesDelete> {
  static override summary = 'Take a place away'
  static override examples = ['<%= config.bin %> places delete depot-7 --yes']
  static override args = { id: placeArg }

  protected override async execute(): Promise<View> {
    const { id } = this.args
    const { connect } = await import('../../connection/client.ts')
    await this.confirm(async () => {
      const connection = await connect(this.flags)
      await tellActor(connection)
      const { name, type } = await orNotFound(connection.client.places.get(id), namedPlace(id))
      return `Delete the ${type} ${JSON.stringify(name)} (${id})?`
    }, this.flags.yes)
    const { client } = await connect(this.flags)
    await orNotFound(client.places.delete(id), namedPlace(id))
    return recordView({ id, deleted: true })
  }
}
