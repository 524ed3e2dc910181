/** What `bulkhead user …` does; loaded when one of them runs. */
import { z } from 'zod';
import { adminActor } from '../../audit/index.ts';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { withAdminClient } from '../../kernel/migrations/index.ts';
import { type AccountsQuery, refusalOf } from '../accounts/accounts-query.ts';
import { createUsers, type User, type Users } from '../accounts/users.ts';
import { identityError } from '../errors.ts';
import { createSessions } from '../sessions/sessions.ts';

const MEMBERSHIPS = `select t.slug, t.name, m.status, coalesce((
    select string_agg(distinct g.role, ', ' order by g.role) from bulkhead.access_grant g
     where g.tenant_id = m.tenant_id and g.holder_type = 'user' and g.holder_id = m.id
       and (g.expires_at is null or g.expires_at > clock_timestamp())), '') as roles
  from bulkhead.membership m join bulkhead.tenant t on t.id = m.tenant_id
 where m.type = 'user' and m.id = $1 order by t.slug limit 200`;
const membership = z.object({
  slug: z.string(),
  name: z.string(),
  status: z.string(),
  roles: z.string(),
});

export const listUsers = (
  io: CommandIo,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<ExitCode> =>
  withUsers(io, async (users) => {
    const page = await users.list({ limit, ...(after !== undefined && { after }) });
    showTable(io, page.users);
    if (page.next !== null) io.line(`There are more: bulkhead user list --after ${page.next}`);
    io.result(page);
    return exitCodes.done;
  });

export const showUser = (io: CommandIo, given: string): Promise<ExitCode> =>
  withUsers(io, async (users, accounts) => {
    const user = await find(users, given);
    const { rows } = await accounts.query(MEMBERSHIPS, [user.id]);
    const tenants = z.array(membership).parse(rows);
    const sessions = await createSessions(accounts, accounts.query, {
      idleMinutes: 0,
      absoluteMinutes: 0,
    }).list(user.id);
    showTable(io, [user]);
    io.line();
    io.table(
      ['tenant', 'name', 'status', 'roles'],
      tenants.map(({ slug, name, status, roles }) => [slug, name, status, roles]),
      { whole: ['tenant'] },
    );
    io.line();
    io.table(
      ['session', 'device', 'from', 'last seen'],
      sessions.map(({ id, device, ip, lastSeenAt }) => [
        id,
        device,
        ip ?? '',
        lastSeenAt.toISOString(),
      ]),
      { whole: ['session'] },
    );
    io.result({ ...user, tenants, sessions });
    return exitCodes.done;
  });

export const createUser = (
  io: CommandIo,
  given: { email: string; name?: string | undefined; verified?: boolean | undefined },
): Promise<ExitCode> =>
  withUsers(io, async (users) => {
    const { email, name, verified } = given;
    const fields = { email, emailVerified: verified === true, ...(name && { name }) };
    return show(io, await users.create(fields, by()), 'has an account now');
  });

export const disableUser = (
  io: CommandIo,
  { user, reason }: { user: string; reason?: string | undefined },
): Promise<ExitCode> =>
  withUsers(io, async (users) => {
    const { id } = await find(users, user);
    const disabled = await users.disable(id, { ...by(), ...(reason && { reason }) });
    return show(io, disabled, 'is disabled; every session has ended');
  });

export const enableUser = (io: CommandIo, user: string): Promise<ExitCode> =>
  withUsers(io, async (users) => {
    const { id } = await find(users, user);
    return show(io, await users.enable(id, by()), 'may sign in again');
  });

export const resetFactors = (
  io: CommandIo,
  { user, reason }: { user: string; reason: string },
): Promise<ExitCode> =>
  withUsers(io, async (users) => {
    const { id, email } = await find(users, user);
    const before = await users.resetFactors(id, { ...by(), reason });
    io.line(`${email} has no second factor any more; every session has ended.`);
    io.table(
      ['authenticator app', 'passkeys', 'recovery codes'],
      [[before.totp ? 'removed' : 'none', String(before.passkeys), String(before.recoveryCodes)]],
    );
    io.result({ id, email, removed: before });
    return exitCodes.done;
  });

const by = () => {
  const { type, id } = adminActor();
  return { by: `${type}:${id}` };
};

/** @throws `identity.user_absent`, `identity.email_invalid` */
async function find(users: Users, given: string): Promise<User> {
  const found = await users.find(given.includes('@') ? { email: given } : { id: given });
  if (found === null) throw identityError('identity.user_absent');
  return found;
}

function show(io: CommandIo, user: User, done: string): ExitCode {
  io.line(`${user.email} ${done}.`);
  showTable(io, [user]);
  io.result(user);
  return exitCodes.done;
}

function showTable(io: CommandIo, users: readonly User[]): void {
  io.table(
    ['email', 'name', 'status', 'verified', 'id'],
    users.map((user) => [
      user.email,
      user.name,
      user.status,
      user.emailVerifiedAt?.toISOString().slice(0, 10) ?? 'no',
      user.id,
    ]),
    { whole: ['email', 'id'] },
  );
}

const withUsers = (
  io: CommandIo,
  work: (users: Users, accounts: AccountsQuery) => Promise<ExitCode>,
): Promise<ExitCode> =>
  withAdminClient(io, (client) => {
    const accounts: AccountsQuery = {
      async query(text, values) {
        try {
          return await client.query(text, values);
        } catch (error) {
          throw refusalOf(error);
        }
      },
    };
    return work(createUsers(accounts), accounts);
  });
