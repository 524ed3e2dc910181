/**
 * `bulkhead key revoke`: ends a key before its time.
 *
 * Promises: once it returns, no session of the app's role is left that began before the revocation; an
 * open transaction with an old snapshot would otherwise go on accepting the key.
 */
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';
import { isolationError } from '../errors.ts';

export const keyRevoke = defineCommand({
  name: 'key revoke',
  summary: "Revoke a context key and end the app's sessions.",
  arguments: [{ name: 'kid', summary: 'The id that `key list` shows.', required: true }],
  options: [],
  examples: [{ command: 'bulkhead key revoke 3fa90c11', summary: 'Ends that key at once.' }],
  input: z.strictObject({ kid: z.string().regex(/^[0-9a-f]{8}$/, 'must be 8 hex digits') }),
  run: async (io, { kid }) => {
    const { databaseSection } = await import('../../kernel/config/index.ts');
    const { withAdminClient } = await import('../../kernel/migrations/index.ts');
    const { appRole } = await io.section('database', databaseSection);
    const outcome = await withAdminClient(io, async (client) => {
      const { rowCount } = await client.query(
        `update bulkhead.context_key set revoked_at = coalesce(revoked_at, clock_timestamp())
          where kid = $1`,
        [kid],
      );
      if (rowCount === 0) throw isolationError('isolation.context_key_unknown');
      const ended = await client.query<{ ended: boolean }>(
        `select pg_terminate_backend(pid) as ended from pg_stat_activity
          where usename = $1 and datname = current_database() and pid <> pg_backend_pid()`,
        [appRole],
      );
      return ended.rows.filter((row) => row.ended).length;
    });
    io.line(`${io.paint.ok('✔')} Key ${kid} is revoked; ${outcome} sessions of ${appRole} ended.`);
    io.result({ revoked: kid, sessionsEnded: outcome });
    return exitCodes.done;
  },
});
