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
export { createPolicyDecider, type PolicyDecider, type PolicyDeciderOptions } from './policy-decider.ts'
export {
  readPolicyFolder,
  type AttachmentRow,
  type PolicyFile,
  type PolicySet,
  type ServiceFile,
  type TestPrincipal,
} from './policy-set.ts'
