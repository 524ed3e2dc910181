/** `bulkhead audit run`: the audit worker, until it is told to stop. `run-worker.ts` does the work. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';

const input = z.strictObject({});

export const auditRun = defineCommand({
  name: 'audit run',
  summary: 'Sequence, sign and index the audit log until stopped.',
  description:
    'Moves recorded events into their logs, signs what has grown once or twice a second and keeps the search index. Needs audit.sequencerUrl, audit.signerUrl and audit.signingKeys; with one URL alone it does that part. Run it as often as you like: one process is at work, the others wait. SIGTERM ends it after the work at hand.',
  arguments: [],
  options: [],
  examples: [{ command: 'bulkhead audit run', summary: 'Runs until SIGTERM or Ctrl-C.' }],
  input,
  run: async (io) => (await import('./run-worker.ts')).runWorker(io),
});
