const { exports: paths } = require('@authctl/sdk/package.json')
const scenario = require('./scenario.cjs')

const doors = {}
for (const path of Object.keys(paths).filter((path) => !path.endsWith('.json')))
  doors[path] = require(`@authctl/sdk${path.slice(1)}`)

void scenario(doors).then(console.log)
