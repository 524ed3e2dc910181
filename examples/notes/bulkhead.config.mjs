// For the command line: `bulkhead migrate`, `bulkhead doctor`, `bulkhead attack`. The server passes the same
// configuration to createBulkhead. The key and the URLs come from the environment.
import { bulkheadConfig } from './dist/bulkhead-config.js';

export default bulkheadConfig(
  {
    contextKey: process.env.BULKHEAD_CONTEXT_KEY ?? '',
    // The command line signs nobody in.
    credentialKey: '',
    vaultKey: process.env.NOTES_VAULT_KEY ?? '',
    signingKey: process.env.NOTES_SIGNING_KEY ?? '',
  },
  {
    operatorUrl: process.env.NOTES_OPERATOR_URL,
    sequencerUrl: process.env.NOTES_SEQUENCER_URL,
    signerUrl: process.env.NOTES_SIGNER_URL,
  },
);
