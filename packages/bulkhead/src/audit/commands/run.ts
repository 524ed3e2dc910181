/** `bulkhead audit run`: the audit worker, until it is told to stop. */
import { z } from 'zod';
import { type CommandIo, defineCommand, exitCodes } from '../../kernel/command.ts';
import { auditSection } from '../config.ts';
import { auditError } from '../errors.ts';
import { startConfiguredWorker } from '../worker/configured-worker.ts';

export const auditRun = defineCommand({
  name: 'audit run',
  summary: 'Sequence, sign and index the audit log until stopped.',
  description:
    'Moves recorded events into their logs, signs what has grown about once a second and keeps the search index. Needs audit.sequencerUrl, audit.signerUrl and audit.signingKeys; with one URL alone it does that part. Run it as often as you like: one process is at work, the others wait. SIGTERM ends it after the work at hand.',
  arguments: [],
  options: [],
  examples: [{ command: 'bulkhead audit run', summary: 'Runs until SIGTERM or Ctrl-C.' }],
  input: z.strictObject({}),
  run: async (io) => {
    const config = await io.section('audit', auditSection.optional());
    if (config === undefined) throw auditError('audit.unconfigured');
    const worker = startConfiguredWorker(config, reportsTo(io));
    io.note('The audit worker is running.');
    const stop = (): void => void worker.stop();
    if (io.signal.aborted) stop();
    else io.signal.addEventListener('abort', stop, { once: true });
    await worker.stopped;
    io.result({ stopped: true });
    return exitCodes.done;
  },
});

function reportsTo(io: CommandIo) {
  const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  return {
    onError: (task: string, error: unknown) =>
      io.note(`${task}: ${said(error)}; trying again by itself.`),
    onFault: (fault: { tenant: string; class: string; error: unknown }) =>
      io.note(
        `${io.paint.warning('!')} The log ${fault.tenant}/${fault.class} cannot be appended to: ${said(fault.error)}. Its events wait; run bulkhead audit verify.`,
      ),
    onRefusal: (refusal: {
      tenant: string;
      class: string;
      reason: string;
      signedSize: number;
      headSize: number;
    }) =>
      io.note(
        `${io.paint.fault('✖')} The signer refuses the log ${refusal.tenant}/${refusal.class}: ${refusal.reason} (signed ${refusal.signedSize}, head ${refusal.headSize}). Run bulkhead audit verify.`,
      ),
  };
}
