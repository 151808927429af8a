import pkg from '../package.json' with { type: 'json' }

/** The version of authctl: that of the package, inlined by the bundle. */
export const VERSION: string = pkg.version
