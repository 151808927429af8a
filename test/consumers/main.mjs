import manifest from '@authctl/sdk/package.json' with { type: 'json' }
import scenario from './scenario.cjs'

const doors = {}
for (const path of Object.keys(manifest.exports).filter((path) => !path.endsWith('.json')))
  doors[path] = await import(`@authctl/sdk${path.slice(1)}`)

console.log(await scenario(doors))
