/** YAML beside JSON, for everybody outside `policies/`: it alone loads the reader. */
export { formatYaml } from './format.ts'
export { rewriteYaml } from './rewrite.ts'
export { parseYaml } from './read.ts'
