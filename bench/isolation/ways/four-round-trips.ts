/** The usual way by hand: BEGIN, set_config, the query, COMMIT, each a round trip of its own. */
import pg from 'pg';
import { BODY, poolConfig, sqlFor, type Way, type WayOptions } from '../way.ts';

const SQL = sqlFor('_usual');

export function openFourRoundTrips(options: WayOptions): Way {
  const pool = new pg.Pool(poolConfig(options));
  async function asTenant(id: string, text: string, values: unknown[]): Promise<pg.QueryResult> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query("select set_config('app.tenant_id', $1, true)", [id]);
      const result = await client.query(text, values);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }
  return {
    key: 'four-round-trips',
    label: 'BEGIN, set_config, query, COMMIT',
    readOne: async ({ id }, note) => (await asTenant(id, SQL.readOne, [note])).rows[0]?.title,
    readProject: async ({ id }, project) =>
      (await asTenant(id, SQL.readProject, [project])).rows.length,
    insert: async ({ id }, title) => {
      await asTenant(id, SQL.insert, [title, BODY]);
    },
    close: () => pool.end(),
  };
}
