export { createTokenMinter, type MintedToken, type MinterOptions, type TokenMinter } from './minter.ts'
export {
  ContractError,
  createFakeDaemon,
  type Answering,
  type FakeAnswer,
  type FakeDaemon,
  type FakeRequest,
} from './fake-daemon.ts'
export type { OperationId } from './contract.gen.ts'
