/** What `bulkhead session …` does; loaded when one of them runs. */
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { sessionList, sessionRevoke, sessionRevokeAll } from '../operations/tenant-sessions.ts';
import { inTenant } from './tenant-operations.ts';

export async function listSessions(
  io: CommandIo,
  { tenant, user }: { tenant: string; user?: string | undefined },
): Promise<ExitCode> {
  const page = await inTenant(io, tenant, (ports) =>
    sessionList.run(ports, { ...(user !== undefined && { userId: user }) }),
  );
  io.table(
    ['user', 'device', 'from', 'by', 'last seen', 'session'],
    page.items.map((session) => [
      session.user.name ?? session.user.id,
      session.device,
      session.ip ?? '',
      session.methods.join(', '),
      session.lastSeenAt.slice(0, 16).replace('T', ' '),
      session.id,
    ]),
    { whole: ['session'] },
  );
  io.result(page);
  return exitCodes.done;
}

export async function revokeSessions(
  io: CommandIo,
  given: { tenant: string; session?: string | undefined; user?: string | undefined },
): Promise<ExitCode> {
  const { tenant, session, user = '' } = given;
  const result = await inTenant(io, tenant, (ports) =>
    session === undefined
      ? sessionRevokeAll.run(ports, { userId: user })
      : sessionRevoke.run(ports, { id: session }),
  );
  io.line(result.ended === 0 ? 'There was none.' : `${result.ended} shut out.`);
  io.result(result);
  return result.ended === 0 ? exitCodes.found : exitCodes.done;
}
