/** What `bulkhead audit erase` does. */
import pg from 'pg';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { connectionError } from '../../kernel/migrations/database-error.ts';
import { auditSection } from '../config.ts';
import { eraseSubject } from '../erase/erase-subject.ts';
import { auditError } from '../errors.ts';
import type { Query } from '../open/event-opener.ts';
import { adminActor } from '../record/record-as-admin.ts';
import { createLocalKeyWrapper } from '../vault/key-wrapper.ts';
import type { EraseInput } from './erase.ts';
import { findTenant } from './find-tenant.ts';

export async function runErase(
  io: CommandIo,
  { subject, tenant, reason }: EraseInput,
): Promise<ExitCode> {
  const config = await io.section('audit', auditSection.optional());
  if (config === undefined) throw auditError('audit.unconfigured');
  if (config.sequencerUrl === undefined) throw auditError('audit.erasure_unconfigured');
  const client = new pg.Client({ connectionString: config.sequencerUrl });
  // A killed backend also rejects the query under way, and that is what is told.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, config.sequencerUrl);
  }
  try {
    const query: Query = (text, values) => client.query(text, values);
    const id = await findTenant(query, tenant);
    const result = await eraseSubject(query, createLocalKeyWrapper(config.vaultKeys), {
      tenant: id,
      subject,
      around: { actor: adminActor(), reason },
    });
    const known = result.wasKnown ? '' : ' The log knew nobody of this type and id.';
    io.line(
      `${io.paint.ok('✔')} Erased: ${result.openingsDeleted} events lost their personal values; the log calls the person ${result.pseudonym}.${known}`,
    );
    io.result(result);
    return exitCodes.done;
  } finally {
    await client.end().catch(() => undefined);
  }
}
