/** Kysely: a transaction per request that sets the tenant first; and the protected pool. */
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { BODY, poolConfig, type Way, type WayOptions } from '../way.ts';
import { asTenant, openProtectedPool } from './protected-pool.ts';

interface Note {
  id: string;
  project: number;
  title: string;
  body: string;
}
interface Draft {
  title: string;
  body: string;
}
interface Tables {
  note: Note;
  note_usual: Note;
  draft: Draft;
  draft_usual: Draft;
}
type Suffix = '' | '_usual';

const COLUMNS = ['id', 'project', 'title', 'body'] as const;
const noteOf = (suffix: Suffix) => `note${suffix}` as const;

const readOne = async (db: Kysely<Tables>, suffix: Suffix, id: string) =>
  (await db.selectFrom(noteOf(suffix)).select(COLUMNS).where('id', '=', id).execute())[0]?.title;
const readProject = async (db: Kysely<Tables>, suffix: Suffix, project: number) =>
  (await db.selectFrom(noteOf(suffix)).select(COLUMNS).where('project', '=', project).execute())
    .length;
const insert = async (db: Kysely<Tables>, suffix: Suffix, title: string) => {
  await db
    .insertInto(`draft${suffix}` as const)
    .values({ title, body: BODY })
    .execute();
};

export function openKyselyUsual(options: WayOptions): Way {
  const pool = new pg.Pool(poolConfig(options));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const scoped = <T>(id: string, work: (tx: Kysely<Tables>) => Promise<T>): Promise<T> =>
    db.transaction().execute(async (tx) => {
      await sql`select set_config('app.tenant_id', ${id}, true)`.execute(tx);
      return work(tx);
    });
  return {
    key: 'kysely',
    label: 'Kysely, its transaction',
    readOne: ({ id }, note) => scoped(id, (tx) => readOne(tx, '_usual', note)),
    readProject: ({ id }, project) => scoped(id, (tx) => readProject(tx, '_usual', project)),
    insert: ({ id }, title) => scoped(id, (tx) => insert(tx, '_usual', title)),
    close: () => db.destroy(),
  };
}

export function openKyselyProtected(options: WayOptions): Way {
  const { pool, bulkhead } = openProtectedPool(options, {
    inFlightMax: 1,
    prepareStatements: true,
  });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    key: 'kysely-protected',
    label: 'Kysely on the protected pool',
    readOne: (tenant, id) => asTenant(tenant, () => readOne(db, '', id)),
    readProject: (tenant, project) => asTenant(tenant, () => readProject(db, '', project)),
    insert: (tenant, title) => asTenant(tenant, () => insert(db, '', title)),
    close: async () => {
      await db.destroy();
      await bulkhead.close();
    },
  };
}
