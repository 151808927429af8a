import { RemoteCommand } from '../../base-command.ts'
import { tellActor } from '../../connection/acting.ts'
import { whereAllowed } from '../../errors/allowed.ts'
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
      const place = await whereAllowed(orNotFound(connection.client.places.get(id), namedPlace(id)))
      if (place === undefined) return `Delete the place ${id}?`
      return `Delete the ${place.type} ${JSON.stringify(place.name)} (${id})?`
    }, this.flags.yes)
    const { client } = await connect(this.flags)
    await orNotFound(client.places.delete(id), namedPlace(id))
    return recordView({ id, deleted: true })
  }
}
