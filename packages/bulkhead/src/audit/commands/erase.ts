/** `bulkhead audit erase`: a person's data in one tenant's log, for ever. */
import pg from 'pg';
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';
import { connectionError } from '../../kernel/migrations/database-error.ts';
import { auditSection } from '../config.ts';
import { eraseSubject } from '../erase/erase-subject.ts';
import { auditError } from '../errors.ts';
import { subjectSchema } from '../event.ts';
import { adminActor } from '../record/record-as-admin.ts';
import { createLocalKeyWrapper } from '../vault/key-wrapper.ts';

export const auditErase = defineCommand({
  name: 'audit erase',
  summary: 'Make a person’s data in a tenant’s log unreadable for ever.',
  description:
    'Destroys the person’s key, deletes what it opened, and appends subject.erased. Leaves, roots and every proof stay good. It cannot be undone; done again, it changes nothing. Cut off, run it again. Connects as audit.sequencerUrl.',
  arguments: [{ name: 'subject', summary: 'Type and id, as user:8f1c….', required: true }],
  options: [
    { flags: '--tenant <id>', summary: 'The tenant in whose log.' },
    { flags: '--reason <text>', summary: 'Why; stands in the log.' },
  ],
  examples: [
    {
      command:
        'bulkhead audit erase user:8f1c --tenant ac000000-0000-4000-8000-000000000001 --reason "Request 17"',
      summary: 'Erases one user of one tenant.',
    },
  ],
  input: z.strictObject({
    subject: z
      .string()
      .regex(/^[^:]+:.+$/s, 'must be a type and an id, as user:8f1c')
      .transform((text) => ({
        type: text.slice(0, text.indexOf(':')),
        id: text.slice(text.indexOf(':') + 1),
      }))
      .pipe(subjectSchema),
    tenant: z.guid('--tenant is required, and a UUID'),
    reason: z
      .string({ error: '--reason is required' })
      .min(1, 'must not be empty')
      .max(1000, 'must have at most 1000 characters'),
  }),
  run: async (io, { subject, tenant, reason }) => {
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
      const result = await eraseSubject(
        (text, values) => client.query(text, values),
        createLocalKeyWrapper(config.vaultKeys),
        { tenant: tenant.toLowerCase(), subject, around: { actor: adminActor(), reason } },
      );
      const known = result.wasKnown ? '' : ' The log knew nobody of this type and id.';
      io.line(
        `${io.paint.ok('✔')} Erased: ${result.openingsDeleted} events lost their personal values; the log calls the person ${result.pseudonym}.${known}`,
      );
      io.result(result);
      return exitCodes.done;
    } finally {
      await client.end().catch(() => undefined);
    }
  },
});
