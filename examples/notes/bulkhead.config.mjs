// For the command line: `bulkhead migrate`, `bulkhead doctor`, `bulkhead attack`. The server passes the same
// configuration to createBulkhead. The key and the URLs come from the environment.
import { bulkheadConfig } from './dist/bulkhead-config.js';

export default bulkheadConfig({
  contextKey: process.env.BULKHEAD_CONTEXT_KEY ?? '',
  // The command line never reads a session.
  sessionSecret: '',
});
