// The audit worker in a process of its own, to be killed. It runs the build, as a deployment does.
import { createLocalKeyWrapper } from '../../../packages/bulkhead/dist/audit/vault/key-wrapper.js';
import { createVault } from '../../../packages/bulkhead/dist/audit/vault/vault.js';
import { startAuditWorker } from '../../../packages/bulkhead/dist/audit/worker/worker.js';

const { killAt, times, vaultKey, ...options } = JSON.parse(process.argv[2]);
let seen = 0;
startAuditWorker({
  ...options,
  vault: createVault(createLocalKeyWrapper([vaultKey])),
  checkpointEveryMs: 20,
  onStep(step) {
    if (step !== killAt) return;
    seen += 1;
    if (seen === times) process.kill(process.pid, 'SIGKILL');
  },
});
