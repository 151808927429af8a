import { integer, option, string } from '@oclif/core/flags'
import { moreNote, PAGE_FLAGS, pageOf } from '../../accounts/list.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'
import { PLACE_TYPES } from '../../places/feature.ts'
import { usageProblem } from '../../problem.ts'
import { surroundings } from '../../surroundings.ts'

// As they are copied from elsewhere: many digits, exponents, a plus, spaces.
const NUMBER = ' {0,4}[-+]?\\d{1,3}(?:\\.\\d{0,24})?(?:[eE][-+]?\\d{1,3})? {0,4}'
const BBOX = new RegExp(`^${NUMBER}(?:,${NUMBER}){3}$`)
const NEAR = new RegExp(`^${NUMBER},${NUMBER}$`)
const COLUMNS = ['id', 'type', 'name', 'longitude', 'latitude', 'operator']
// A terminal has no room for them.
const MORE_COLUMNS = ['address', 'updated_at']

/** Places in a box or near a point. */
export default class PlacesList extends RemoteCommand<typeof PlacesList> {
  static override summary = 'List places, in a box or near a point'
  static override description =
    'With --near the nearest come first, with their distance in metres; otherwise they are ordered by id.'
  static override examples = [
    '<%= config.bin %> places list --near 77.5946,12.9716 --radius 2500 --type ev-charger',
    '<%= config.bin %> places list --bbox 77.4,12.8,77.8,13.2 --all --json',
  ]
  static override flags = {
    bbox: string({
      helpValue: 'W,S,E,N',
      summary: 'Only in this box: degrees, longitude first',
      exclusive: ['near'],
    }),
    near: string({
      helpValue: 'LON,LAT',
      summary: 'Nearest to this point first: longitude first, unlike most maps',
    }),
    radius: integer({
      helpValue: 'METRES',
      min: 1,
      max: 200_000,
      summary: 'How far from --near; default 5000',
      dependsOn: ['near'],
    }),
    type: option({ options: PLACE_TYPES, summary: 'Only these' })(),
    ...PAGE_FLAGS,
  }

  protected override async execute(): Promise<View> {
    const { bbox, near, radius, type } = this.flags
    if (bbox !== undefined && !BBOX.test(bbox))
      throw usageProblem('--bbox must be four numbers', 'For example: --bbox 77.4,12.8,77.8,13.2')
    if (near !== undefined && !NEAR.test(near))
      throw usageProblem('--near must be two numbers', 'For example: --near 77.5946,12.9716')
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const query = {
      ...(bbox === undefined ? {} : { bbox }),
      ...(near === undefined ? {} : { near }),
      ...(radius === undefined ? {} : { radius }),
      ...(type === undefined ? {} : { type }),
    }
    const page = await pageOf((paging) => client.places.list({ ...query, ...paging }), this.flags)
    this.footnote = moreNote(page.next_cursor)
    const columns = [...COLUMNS, ...(surroundings().stdout.isTTY === true ? [] : MORE_COLUMNS)]
    if (near !== undefined) columns.splice(1, 0, 'distance_m')
    return { data: page, rows: page.items.map((item) => ({ ...item })), columns, empty: 'no places' }
  }
}
