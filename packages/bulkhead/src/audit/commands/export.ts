/** `bulkhead audit export`: a directory for an auditor, which `bulkhead-verify` checks without us. */
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';
import { classSchema } from '../event.ts';
import { exportLog } from '../export/export-log.ts';
import { readFilter } from '../search/filter.ts';
import {
  asOperator,
  classOption,
  originFor,
  reasonOption,
  tenantOption,
  vkeyOption,
} from './operator-session.ts';

export const auditExport = defineCommand({
  name: 'audit export',
  summary: 'Write a tenant’s log as a directory that anybody can verify.',
  description:
    'Writes a C2SP tlog-tiles directory with the signed checkpoint, all hashes, the entries from --from on, openings of personal values, proofs and a page for the auditor; checks it with the verifier and only then gives it its name. Cut off, the same command goes on where it stopped.',
  arguments: [],
  options: [
    tenantOption,
    classOption,
    { flags: '--from <time>', summary: 'Leave out entries before the first event of then.' },
    {
      flags: '--to <time>',
      summary: 'End with the earliest checkpoint that covers every event before then.',
    },
    { flags: '--out <dir>', summary: 'The directory; must not be there yet.' },
    { flags: '--sealed', summary: 'Leave personal values out.' },
    {
      flags: '--prove <event>',
      summary: 'Also write an inclusion proof of this event. Repeatable.',
      repeatable: true,
    },
    vkeyOption,
    reasonOption,
  ],
  examples: [
    {
      command:
        'bulkhead audit export --tenant acme --from 2026-01-01 --to 2026-07-01 --out acme-2026-h1',
      summary: 'Half a year of Acme’s log.',
    },
    {
      command: 'npx bulkhead-verify log acme-2026-h1 --vkey KEY',
      summary: 'What the auditor does with it.',
    },
  ],
  input: z.strictObject({
    tenant: z.string({ error: '--tenant is required' }),
    class: classSchema.default('standard'),
    from: z.string().optional(),
    to: z.string().optional(),
    out: z.string({ error: '--out is required' }),
    sealed: z.boolean().default(false),
    prove: z.array(z.uuid()).max(1000).default([]),
    vkey: z.array(z.string()).optional(),
    reason: z.string().optional(),
  }),
  run: (io, input) => {
    const { from, to } = readFilter({ from: input.from, to: input.to });
    const session = { command: 'audit export', reason: input.reason, vkeys: input.vkey };
    return asOperator(io, session, async ({ query, wrapper, config, tenant: find, vkeysFor }) => {
      const tenant = await find(input.tenant);
      const vkeys = vkeysFor(originFor(config, tenant, input.class));
      let progress: ReturnType<typeof io.progress> | undefined;
      let done = 0;
      const exported = await exportLog({
        query,
        log: { tenant, class: input.class },
        directory: input.out,
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
  },
});
