/**
 * Notes for people: list, search, read, write, comment.
 *
 * No statement here names a tenant. The new rows get theirs from the column's default, the read ones from
 * the policy, both from the signed context.
 */
import type { FastifyInstance } from 'fastify';
import { inTransaction, recordActivity } from '../database/transaction.ts';
import {
  type Comment,
  type Note,
  type NoteRow,
  notePage,
  notesPage,
  type ProjectChoice,
} from '../pages/notes.ts';
import { baseOf, frameOf, type Services, sessionOf } from '../services.ts';
import { notFound } from './errors.ts';
import { idParams } from './schemas.ts';

const LIST = `select n.id, n.title, left(n.body, 180) as excerpt, p.name as project, a.name as author, n.updated_at, n.pinned
  from note n join project p on p.id = n.project_id join person a on a.id = n.author_id
  order by n.pinned desc, n.updated_at desc limit 50`;

export function noteRoutes(app: FastifyInstance, services: Services): void {
  const { pool, audit } = services;

  app.get<{ Querystring: { q?: string } }>(
    '/notes',
    {
      schema: {
        querystring: { type: 'object', properties: { q: { type: 'string', maxLength: 200 } } },
      },
    },
    async (request, reply) => {
      const query = (request.query.q ?? '').trim();
      const found =
        query === ''
          ? await pool.query<NoteRow>(LIST)
          : await pool.query<NoteRow>(
              'select id, title, excerpt, project_name as project, author_name as author, updated_at from search_notes($1)',
              [query],
            );
      const projects = await pool.query<ProjectChoice>(
        `select id, name from project where status <> 'done' order by name`,
      );
      const total = await pool.query<{ count: number }>(
        'select count(*)::integer as count from note',
      );
      return reply.type('text/html').send(
        notesPage(frameOf(services, request), {
          query,
          notes: found.rows,
          total: total.rows[0]?.count ?? 0,
          projects: projects.rows,
        }),
      );
    },
  );

  app.get<{ Params: { id: string } }>(
    '/notes/:id',
    { schema: { params: idParams } },
    async (request, reply) => {
      const note = await pool.query<Note>(
        `select n.id, n.title, n.body, n.body as excerpt, n.pinned, p.name as project, a.name as author, n.created_at, n.updated_at
       from note n join project p on p.id = n.project_id join person a on a.id = n.author_id where n.id = $1`,
        [request.params.id],
      );
      if (note.rows[0] === undefined) throw notFound();
      const comments = await pool.query<Comment>(
        `select c.id, c.body, a.name as author, c.created_at from comment c join person a on a.id = c.author_id
       where c.note_id = $1 order by c.created_at, c.id`,
        [request.params.id],
      );
      return reply
        .type('text/html')
        .send(notePage(frameOf(services, request), note.rows[0], comments.rows));
    },
  );

  app.post<{ Body: { title: string; body?: string; project_id: string } }>(
    '/notes',
    {
      schema: {
        body: {
          type: 'object',
          required: ['title', 'project_id'],
          properties: {
            title: { type: 'string', minLength: 1, maxLength: 200 },
            body: { type: 'string', maxLength: 20_000 },
            project_id: { type: 'string', format: 'uuid' },
          },
        },
      },
    },
    async (request, reply) => {
      const { personId } = sessionOf(services, request);
      const { title, body = '', project_id } = request.body;
      const id = await inTransaction(pool, async (client) => {
        const added = await client.query<{ id: string }>(
          'insert into note (project_id, author_id, title, body) values ($1, $2, $3, $4) returning id',
          [project_id, personId, title, body],
        );
        await recordActivity(client, personId, 'wrote', title);
        const note = { type: 'note', id: added.rows[0]?.id ?? '', name: title };
        await audit.record({ action: 'note.written', targets: [note] }, client);
        return note.id;
      });
      return reply.redirect(`${baseOf(request)}/notes/${id}`, 303);
    },
  );

  app.post<{ Params: { id: string }; Body: { body: string } }>(
    '/notes/:id/comments',
    {
      schema: {
        params: idParams,
        body: {
          type: 'object',
          required: ['body'],
          properties: { body: { type: 'string', minLength: 1, maxLength: 4000 } },
        },
      },
    },
    async (request, reply) => {
      const { personId } = sessionOf(services, request);
      const { id } = request.params;
      await inTransaction(pool, async (client) => {
        const note = await client.query<{ title: string }>('select title from note where id = $1', [
          id,
        ]);
        if (note.rows[0] === undefined) throw notFound();
        await client.query('insert into comment (note_id, author_id, body) values ($1, $2, $3)', [
          id,
          personId,
          request.body.body,
        ]);
        await recordActivity(client, personId, 'commented on', note.rows[0].title);
        await audit.record(
          { action: 'note.commented', targets: [{ type: 'note', id, name: note.rows[0].title }] },
          client,
        );
      });
      return reply.redirect(`${baseOf(request)}/notes/${id}`, 303);
    },
  );
}
