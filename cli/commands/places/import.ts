import type { AuthctlClient, PlaceFeature } from '@authctl/sdk'
import { string as stringArg } from '@oclif/core/args'
import { RemoteCommand } from '../../base-command.ts'
import {
  addUp,
  type Chunk,
  chunksOf,
  describeSkipped,
  type FeatureCollection,
  NOTHING,
  parseCollection,
  pointIntoFile,
  type Totals,
} from '../../places/geojson.ts'
import { recordView, type View } from '../../output/print.ts'
import { startProgress } from '../../output/progress.ts'
import { Problem } from '../../problem.ts'
import { readInput } from '../../input/prompt.ts'
import { describeError } from '../../errors/report.ts'

const withPlace = (detail: unknown, offset: number): unknown => {
  const { pointer } = detail as { pointer?: unknown }
  return typeof pointer === 'string'
    ? { ...(detail as object), pointer: pointIntoFile(pointer, offset) }
    : detail
}

/** Sends places to the directory. */
export default class PlacesImport extends RemoteCommand<typeof PlacesImport> {
  static override summary = 'Import places from a GeoJSON file'
  static override description =
    'The file may be an export of OpenStreetMap, ogr2ogr or QGIS; features that cannot be a place are skipped and counted. Places are matched by their feature id: new ones are created, changed ones replaced, the rest left alone; nothing is deleted. Large files go in several calls of at most 1000 features, each of which is atomic; after a failure the same command can be repeated.'
  static override examples = [
    '<%= config.bin %> places import examples/places/bengaluru.geojson',
    '$ curl -s https://example.com/stations.geojson | <%= config.bin %> places import -',
  ]
  static override args = {
    file: stringArg({ required: true, description: 'The file, or - for standard input' }),
  }

  protected override async execute(): Promise<View> {
    const { file } = this.args
    const text = await readInput(file)
    const collection = parseCollection(text, file === '-' ? 'standard input' : file)
    const { features } = collection
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const totals = await this.sendAll(collection, client)
    this.footnote = features.length === 0 ? '0 places: the file has none' : describeSkipped(totals)
    const { skip_reasons: _, ...counts } = totals
    return recordView(totals, counts, 'created')
  }

  private async sendAll(collection: FeatureCollection, client: AuthctlClient): Promise<Totals> {
    const { features } = collection
    using progress = startProgress()
    let totals = NOTHING
    for (const chunk of chunksOf(features)) {
      totals = addUp(totals, await this.send(chunk, collection, client), chunk.offset)
      progress.show(`${chunk.offset + chunk.features.length} of ${features.length} features`)
    }
    return totals
  }

  private async send(
    chunk: Chunk,
    { features, frame }: FeatureCollection,
    client: AuthctlClient,
  ): Promise<Totals> {
    try {
      // The daemon judges each feature; what it refuses comes back with a pointer.
      return await client.places.import({
        type: 'FeatureCollection',
        ...frame,
        features: chunk.features as PlaceFeature[],
      })
    } catch (error) {
      const fields = describeError(error)
      const details = fields.details?.map((detail) => withPlace(detail, chunk.offset))
      const before =
        chunk.offset === 0
          ? 'nothing was imported'
          : `the first ${chunk.offset} of ${features.length} features are imported`
      throw new Problem(
        {
          ...fields,
          message: `${fields.message} (${before})`,
          ...(details === undefined ? {} : { details }),
        },
        error,
      )
    }
  }
}
