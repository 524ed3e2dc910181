/** `bulkhead key list`: which keys the database accepts; never the keys. */
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';

interface KeyRow {
  readonly kid: string;
  readonly state: 'accepted' | 'expired' | 'revoked';
  readonly createdAt: string;
  readonly notAfter: string | null;
  readonly revokedAt: string | null;
}

const isoUtc = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

export const keyList = defineCommand({
  name: 'key list',
  summary: 'List the context keys in the database, without the keys.',
  arguments: [],
  options: [],
  examples: [{ command: 'bulkhead key list', summary: 'Shows id, state and age of each key.' }],
  input: z.strictObject({}),
  run: async (io) => {
    const { withAdminClient } = await import('../../kernel/migrations/index.ts');
    const { rows } = await withAdminClient(io, (client) =>
      client.query<KeyRow>(
        `select kid,
                case when revoked_at is not null then 'revoked'
                     when not_after <= clock_timestamp() then 'expired'
                     else 'accepted' end as state,
                ${isoUtc('created_at')} as "createdAt",
                case when isfinite(not_after) then ${isoUtc('not_after')} end as "notAfter",
                ${isoUtc('revoked_at')} as "revokedAt"
           from bulkhead.context_key order by created_at, kid`,
      ),
    );
    if (rows.length === 0) io.line('No keys. Run `bulkhead key install`.');
    else {
      io.table(
        ['key', 'state', 'created', 'expires'],
        rows.map((row) => [row.kid, row.state, row.createdAt, row.notAfter ?? 'never']),
      );
    }
    io.result({ keys: rows });
    return exitCodes.done;
  },
});
