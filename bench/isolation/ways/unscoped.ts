/**
 * The ceiling: plain `pg`, no policy, the tenant named by hand in every WHERE. What a forgotten WHERE would
 * leave open.
 */
import pg from 'pg';
import { BODY, poolConfig, type Way, type WayOptions } from '../way.ts';

const SQL = {
  readOne: 'select id, project, title, body from note_open where tenant_id = $1 and id = $2',
  readProject:
    'select id, project, title, body from note_open where tenant_id = $1 and project = $2',
  insert: 'insert into draft_open (tenant_id, title, body) values ($1, $2, $3)',
};

export function openUnscoped(options: WayOptions, key: string, label: string, named: boolean): Way {
  const pool = new pg.Pool(poolConfig(options));
  const ask = (name: keyof typeof SQL, values: unknown[]): Promise<pg.QueryResult> =>
    named ? pool.query({ name, text: SQL[name], values }) : pool.query(SQL[name], values);
  return {
    key,
    label,
    readOne: async (tenant, id) => (await ask('readOne', [tenant.id, id])).rows[0]?.title,
    readProject: async (tenant, project) =>
      (await ask('readProject', [tenant.id, project])).rows.length,
    insert: async (tenant, title) => {
      await ask('insert', [tenant.id, title, BODY]);
    },
    close: () => pool.end(),
  };
}
