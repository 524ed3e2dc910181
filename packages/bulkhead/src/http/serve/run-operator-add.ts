/**
 * Makes somebody an operator.
 *
 * Promises: account, membership, role and link are there together or not at all, and on record; whoever has a
 * password keeps it, and no password is ever typed into a shell.
 */
import { z } from 'zod';
import { adminActor } from '../../audit/index.ts';
import { identitySection, mailLinks, newSecret, parseEmailAddress } from '../../identity/index.ts';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { withAdminClient } from '../../kernel/migrations/index.ts';
import { shownName } from '../../kernel/shown-name.ts';
import { httpSection } from '../config.ts';
import { OPERATORS } from '../control-gate.ts';
import type { OperatorAddInput } from './operator-command.ts';

const LINK_SECONDS = 3_600;

export async function runOperatorAdd(
  io: CommandIo,
  { email: given, name: shown, role }: OperatorAddInput,
): Promise<ExitCode> {
  const identity = await io.section('identity', identitySection.optional());
  const http = await io.section('http', httpSection.optional());
  const email = parseEmailAddress(given);
  const name = shownName.parse(shown ?? email.slice(0, email.indexOf('@')));
  const actor = adminActor();
  const who = `${actor.type}:${actor.id}`;
  const { token, hash } = newSecret('reset');
  const userId = await withAdminClient(io, async (client) => {
    await client.query('begin');
    await client.query('set local role bulkhead');
    const { rows } = await client.query('select bulkhead.user_open($1, $2, false, $3) as id', [
      email,
      name,
      who,
    ]);
    const id = z.uuid().parse(rows[0]?.id);
    await client.query(
      `select bulkhead.access_member_join($1, $2, 'user', $3, u.name, u.email)
         from bulkhead.user_account u where u.id = $4`,
      [OPERATORS, who, id, id],
    );
    await client.query(
      `select bulkhead.access_give($1, $2, 'user', $3, $4, null, 'direct', null)
        where not exists (select from bulkhead.access_grant g
          where g.tenant_id = $1 and g.holder_type = 'user' and g.holder_id = $3 and g.role = $4
            and g.expires_at is null)`,
      [OPERATORS, who, id, role],
    );
    await client.query('select bulkhead.password_reset_begin($1, $2, $3, $4)', [
      hash,
      email,
      LINK_SECONDS,
      {},
    ]);
    await client.query('commit');
    return id;
  });
  // Operators are at home in the console, whatever pages the app has for its own people.
  const page = mailLinks({ publicUrl: identity?.publicUrl }, http?.publicUrl).passwordReset;
  const link = page === undefined ? null : `${page}#${token}`;
  io.line(`${email} is an operator (${role}).`);
  io.line(
    link === null
      ? `A password is set with this token within the hour: ${token}`
      : `A password is set here within the hour: ${link}`,
  );
  io.result({ id: userId, email, role, token, link });
  return exitCodes.done;
}
