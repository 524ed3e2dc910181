/**
 * THE VULNERABLE ROUTES. They are wrong on purpose; never copy one.
 *
 * Each holds a mistake that real products ship: an expression pasted into ORDER BY, another into WHERE, a
 * report that forgot its WHERE, an id from the URL with no check of whose it is. Their errors repeat the
 * database's words, so that an error-based injection has its chance too. Nothing but Bulkhead stands between
 * these and the other organizations' rows; the demo and the tests attack them to show that this is enough.
 */
import { isBulkheadError } from 'bulkhead';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type pg from 'pg';
import { attacksToTry } from '../attack/payloads.ts';
import { breakOutPage } from '../pages/break-out.ts';
import { frameOf, type Services } from '../services.ts';
import { notFound } from './errors.ts';
import { idParams } from './schemas.ts';

const EXPRESSION_CHARACTERS_MAX = 4000;
const expression = { type: 'string', maxLength: EXPRESSION_CHARACTERS_MAX } as const;

function sortedNotes(sort: string, query: string): { text: string; values: string[] } {
  return {
    text: `select n.id, n.title, left(n.body, 400) as body, n.updated_at from note n
where $1 = '' or n.title ilike '%' || $1 || '%' or n.body ilike '%' || $1 || '%' order by ${sort} limit 100`,
    values: [query],
  };
}

function searchedNotes(where: string): string {
  return `select n.id, n.title, left(n.body, 400) as body from note n where ${where} limit 100`;
}

/** Runs it and gives away whatever the database says: the second half of the mistake. */
async function talkative(
  reply: FastifyReply,
  run: () => Promise<pg.QueryResult>,
): Promise<unknown> {
  try {
    const result = await run();
    return { rows: result.rows };
  } catch (error) {
    if (isBulkheadError(error) || !(error instanceof Error)) throw error;
    const { message, detail, hint, where } = error as pg.DatabaseError;
    return reply.code(400).send({ error: message, detail, hint, where });
  }
}

export function vulnerableRoutes(app: FastifyInstance, services: Services): void {
  const { pool } = services;

  // VULNERABLE: the sort expression is pasted into ORDER BY.
  app.get<{ Querystring: { sort?: string; q?: string } }>(
    '/api/notes',
    {
      schema: {
        querystring: {
          type: 'object',
          properties: { sort: expression, q: { type: 'string', maxLength: 200 } },
        },
      },
    },
    async (request, reply) => {
      const { sort = 'n.updated_at desc', q = '' } = request.query;
      return talkative(reply, () => pool.query(sortedNotes(sort, q)));
    },
  );

  // VULNERABLE: a condition from the outside.
  app.get<{ Querystring: { where?: string } }>(
    '/api/search',
    { schema: { querystring: { type: 'object', properties: { where: expression } } } },
    async (request, reply) =>
      talkative(reply, () => pool.query(searchedNotes(request.query.where ?? 'true'))),
  );

  // VULNERABLE: someone forgot WHERE, on every table.
  app.get('/api/report', async (_request, reply) =>
    talkative(reply, () =>
      pool.query(`select i.number, i.customer, i.total_cents, l.description, a.email
        from invoice i join invoice_line l on l.invoice_id = i.id cross join person a order by i.number, l.position, a.email`),
    ),
  );

  // VULNERABLE: whoever knows the id gets the note; whose it is, no one asks.
  app.get<{ Params: { id: string } }>(
    '/api/notes/:id',
    { schema: { params: idParams } },
    async (request) => {
      const note = await pool.query(
        'select id, tenant_id, project_id, author_id, title, body, pinned, created_at, updated_at from note where id = $1',
        [request.params.id],
      );
      if (note.rows[0] === undefined) throw notFound();
      return note.rows[0];
    },
  );

  // VULNERABLE: /api/search again, with a form, for whoever wants to try it by hand.
  app.get<{ Querystring: { where?: string } }>(
    '/break-out',
    { schema: { querystring: { type: 'object', properties: { where: expression } } } },
    async (request, reply) => {
      const frame = frameOf(services, request);
      const { where } = request.query;
      if (where === undefined)
        return reply.type('text/html').send(breakOutPage(frame, 'true', attacksToTry));
      const sql = searchedNotes(where);
      const outcome = await pool.query(sql).then(
        (result) => ({
          status: 200,
          rows: result.rows.length,
          body: JSON.stringify(result.rows, null, 2),
        }),
        (error: pg.DatabaseError) =>
          isBulkheadError(error)
            ? { status: error.status, rows: undefined, body: `${error.code}\n${error.message}` }
            : { status: 400, rows: undefined, body: error.message },
      );
      return reply
        .type('text/html')
        .send(breakOutPage(frame, where, attacksToTry, { sql, ...outcome }));
    },
  );
}
