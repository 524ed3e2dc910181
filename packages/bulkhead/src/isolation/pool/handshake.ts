/**
 * The first question on a new connection: is the backend ours alone, and does row-level security bind the
 * role we came in as? A role that it would not bind gets no further.
 */
import type pg from 'pg';
import { isolationError } from '../errors.ts';
import type { Backend } from './group.ts';

const QUESTION = `
  select pg_catalog.pg_backend_pid() as pid,
         pg_catalog.current_setting('server_version_num') as version,
         r.rolname as role,
         r.rolsuper as is_superuser,
         r.rolbypassrls as bypasses,
         exists (select from pg_catalog.pg_auth_members m where m.member = r.oid) as is_member,
         exists (select from pg_catalog.pg_class c
                  where c.relowner = r.oid and c.relkind in ('r', 'p', 'v', 'm')) as is_owner
    from pg_catalog.pg_roles r
   where r.rolname = current_user`;

/** As the server's text, because the app may have set parsers of its own for any type. */
type Flag = 't' | 'f';

interface Answer {
  pid: string;
  version: string;
  role: string;
  is_superuser: Flag;
  bypasses: Flag;
  is_member: Flag;
  is_owner: Flag;
}

export interface Expectation {
  readonly role: 'app' | 'operator';
  readonly pooler: 'detect' | 'none' | 'transaction';
}

/**
 * @param ask runs one statement outside any frame and leaves every value as text.
 * @param processId what BackendKeyData said; a pooler answers with a number of its own.
 * @throws `isolation.role_unsafe` when the role is above row-level security; `isolation.pooler_unannounced`
 * when a pooler is there although the configuration says `none`: the names of our statements on a shared
 * backend would be anybody's.
 */
export async function handshake(
  ask: (text: string) => Promise<pg.QueryResult>,
  processId: number,
  expected: Expectation,
): Promise<Backend> {
  const result = await ask(QUESTION);
  const answer = result.rows[0] as Answer | undefined;
  if (answer === undefined) throw isolationError('isolation.role_unsafe');
  if (expected.role === 'app') {
    const fault = faultOf(answer);
    if (fault !== undefined) {
      throw isolationError('isolation.role_unsafe', {
        message: `The role ${JSON.stringify(answer.role)} ${fault}, so row-level security does not bind it.`,
      });
    }
  }
  const isShared = answer.pid !== String(processId);
  if (isShared && expected.pooler === 'none') {
    throw isolationError('isolation.pooler_unannounced', {
      message: 'A connection pooler stands between the pool and the server.',
    });
  }
  return {
    pooled: isShared || expected.pooler === 'transaction',
    warnsOfConstraints: Number(answer.version) < 180_000,
  };
}

function faultOf(answer: Answer): string | undefined {
  if (answer.is_superuser !== 'f') return 'is a superuser';
  if (answer.bypasses !== 'f') return 'has BYPASSRLS';
  if (answer.is_member !== 'f') return 'is a member of another role and could become it';
  if (answer.is_owner !== 'f') return 'owns tables';
  return undefined;
}
