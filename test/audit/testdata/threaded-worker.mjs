// The audit worker with its parts in threads, in a process of its own, to be killed. It runs the build.
import { startConfiguredWorker } from '../../../packages/bulkhead/dist/audit/worker/configured-worker.js';
import { resolveConfig } from '../../../packages/bulkhead/dist/config.js';

const { audit } = resolveConfig(JSON.parse(process.argv[2]));
startConfiguredWorker(audit, { onError: (task, error) => console.error(task, error.message) });
