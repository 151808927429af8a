/** YAML beside JSON, for everybody outside `policies/`: it alone loads the reader. */
export { parseYaml } from './read.ts'
