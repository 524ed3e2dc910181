/** What `bulkhead audit run` does. */
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { auditSection } from '../config.ts';
import { auditError } from '../errors.ts';
import { startConfiguredWorker } from '../worker/configured-worker.ts';

export async function runWorker(io: CommandIo): Promise<ExitCode> {
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
}

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
