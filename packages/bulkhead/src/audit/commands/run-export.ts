/** What `bulkhead audit export` does. */
import { resolve } from 'node:path';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { auditError } from '../errors.ts';
import { exportLog } from '../export/export-log.ts';
import { readFilter } from '../search/filter.ts';
import type { ExportInput } from './export.ts';
import { asOperator, originFor } from './operator-session.ts';

export function runExport(io: CommandIo, input: ExportInput): Promise<ExitCode> {
  const { from, to } = readFilter({ from: input.from, to: input.to });
  if (from !== undefined && to !== undefined && from > to) {
    throw auditError('audit.filter_invalid', { message: '--from must not be later than --to.' });
  }
  const session = { command: 'audit export', reason: input.reason, vkeys: input.vkey };
  return asOperator(io, session, async ({ query, wrapper, config, tenant: find, vkeysFor }) => {
    const tenant = await find(input.tenant);
    const vkeys = vkeysFor(originFor(config, tenant, input.class));
    let progress: ReturnType<typeof io.progress> | undefined;
    let done = 0;
    const exported = await exportLog({
      query,
      log: { tenant, class: input.class },
      directory: resolve(io.cwd, input.out),
      verifierKeys: vkeys,
      wrapper: input.sealed ? undefined : wrapper,
      prove: input.prove,
      from,
      to,
      nowMs: Date.now,
      signal: io.signal,
      onProgress: (leaves, total) => {
        progress ??= io.progress('Writing', total);
        progress.advance(leaves - done);
        done = leaves;
      },
    }).finally(() => progress?.done());
    const { manifest, verdict, resumed } = exported;
    const { entries, checkpoint, openings } = manifest;
    if (resumed) io.line('Went on where the run before was cut off.');
    io.line(
      `${input.out}: entries ${entries.first} to ${entries.end - 1} of ${checkpoint.size}${openings === null ? ', personal values left out' : `, ${openings.open} personal values opened, ${openings.erased} erased`}.`,
    );
    if (verdict === undefined) {
      io.line('Not checked: no verifier key is known here. Give --vkey, or audit.signingKeys.');
    } else {
      io.line(`${io.paint.ok('✓')} The verifier passes it. Hand out with it:`);
      for (const key of vkeys) io.line(`  ${key}`);
    }
    io.result({ directory: input.out, verified: verdict?.ok ?? null, manifest });
    return exitCodes.done;
  });
}
