/** What every app answers with: a row that it reads, or nothing that takes time. */
import pg from 'pg';

export const WORKS = ['reads a row', 'does nothing'] as const;
export type Work = (typeof WORKS)[number];

/** What a handler sends; the same with and without the middleware, on a pool of the app's own. */
export type Answer = () => object | Promise<object>;

export interface RunningApp {
  readonly port: number;
}

export const HOST = '127.0.0.1';

const NOTHING = { notes: [{ id: 1, title: 'A note' }] };
const READ = 'select id, project, title, body from note_open where tenant_id = $1 and id = $2';

export async function answerOf(work: Work, appUrl: string): Promise<Answer> {
  if (work === 'does nothing') return () => NOTHING;
  const pool = new pg.Pool({ connectionString: appUrl, max: 10 });
  const { rows } = await pool.query('select tenant_id, id from note_open limit 500');
  let turn = 0;
  return async () => {
    turn = (turn + 1) % rows.length;
    const found = await pool.query(READ, [rows[turn].tenant_id, rows[turn].id]);
    return { notes: found.rows };
  };
}
