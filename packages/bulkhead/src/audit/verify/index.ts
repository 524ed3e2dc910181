/** The verifier's door, apart from the room's: whoever records events does not load what verifies them. */
export { createLocalKeyWrapper } from '../vault/key-wrapper.ts';
export { knownLogs } from './known-logs.ts';
export { type VerifiedLog, type VerifyOptions, verifyDatabaseLog } from './verify-database.ts';
