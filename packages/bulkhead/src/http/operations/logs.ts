/** A tenant's logs as trees: how far they are signed, and that they only grew. */
import { z } from 'zod';
import { moment } from '../../kernel/moment.ts';
import { controlOperation } from '../operation.ts';
import { timeField } from './paging.ts';
import { type ControlWork, tenantIdOf } from './work.ts';

const logStatus = z.object({
  items: z.array(
    z.object({
      class: z.string(),
      origin: z.string(),
      size: z.int(),
      signedSize: z.int(),
      signedAt: timeField.nullable(),
      rootHash: z.string().nullable(),
      checkpoint: z.string().nullable(),
      verifierKeys: z.array(z.string()),
    }),
  ),
});

export function logOperations(work: ControlWork) {
  const { audit } = work;
  return [
    controlOperation({
      name: 'log.prove',
      summary: 'Proves that a log continues what it was at an earlier signed size.',
      description:
        'Whoever kept an earlier checkpoint shows by it that nothing before was changed or taken out (RFC 6962, 2.1.2).',
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({
        class: z.string().min(1).max(32),
        from: z.int().min(1).describe('The earlier size, as a checkpoint says it.'),
        to: z.int().min(1).describe('The later one.'),
      }),
      output: z.object({
        oldSize: z.int(),
        newSize: z.int(),
        hashes: z.array(z.string()),
        oldRoot: z.string(),
        newRoot: z.string(),
      }),
      errors: ['audit.filter_invalid', 'audit.leaf_absent'],
      async run({ input: { class: name, ...sizes } }) {
        const proof = await audit.proveConsistency(sizes, { class: name });
        return { ...proof, hashes: [...proof.hashes] };
      },
    }),
    controlOperation({
      name: 'log.list',
      summary: 'Shows a tenant’s logs: their size, and how far they are signed.',
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({}),
      output: logStatus,
      errors: [],
      async run(call) {
        const { rows } = await work.contextQuery(
          `select l.class, l.origin, l.next, c.size, c.note, encode(c.root, 'base64') as root, ${moment('c.signed_at')} as signed_at
             from bulkhead.audit_log l
             left join lateral (select k.size, k.root, k.note, k.signed_at from bulkhead.audit_checkpoint k
               where k.tenant_id = l.tenant_id and k.class = l.class order by k.size desc limit 1) c on true
            where l.tenant_id = $1 order by l.class`,
          [tenantIdOf(call)],
        );
        const text = (value: unknown): string | null => (value == null ? null : String(value));
        return {
          items: rows.map((row) => ({
            class: String(row.class),
            origin: String(row.origin),
            size: Number(row.next),
            signedSize: Number(row.size ?? 0),
            signedAt: text(row.signed_at),
            rootHash: text(row.root),
            checkpoint: text(row.note),
            verifierKeys: [...work.verifierKeys(String(row.origin))],
          })),
        };
      },
    }),
  ];
}
