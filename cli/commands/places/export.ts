import { option } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { printData, tell, type View } from '../../output/print.ts'
import { collectionText, PLACE_TYPES } from '../../places/feature.ts'

/** The directory as GeoJSON. */
export default class PlacesExport extends RemoteCommand<typeof PlacesExport> {
  static override summary = 'Print the places as GeoJSON, which places import takes back unchanged'
  static override description =
    'A FeatureCollection (RFC 7946) with a line for each place, ordered by id, whatever --output says.'
  static override examples = [
    '<%= config.bin %> places export > places.geojson',
    '$ <%= config.bin %> places export | <%= config.bin %> places import - --server https://auth.example.com',
  ]
  static override flags = {
    type: option({ options: PLACE_TYPES, summary: 'Only these' })(),
  }

  protected override async execute(): Promise<View | undefined> {
    const { type } = this.flags
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const { places } = await client.places.all()
    const chosen = type === undefined ? places : places.filter((place) => place.type === type)
    printData(collectionText(chosen))
    tell(`${chosen.length} place${chosen.length === 1 ? '' : 's'}.`)
    return undefined
  }
}
