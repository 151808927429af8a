export { createTokenMinter, type MintedToken, type MinterOptions, type TokenMinter } from './minter.ts'
