/** Notes for programs: create, change, delete. (Listing and reading one are among the vulnerable routes.) */
import type { FastifyInstance } from 'fastify';
import { inTransaction, recordActivity } from '../database/transaction.ts';
import { type Services, sessionOf } from '../services.ts';
import { notFound } from './errors.ts';
import { idParams } from './schemas.ts';

const title = { type: 'string', minLength: 1, maxLength: 200 } as const;
const body = { type: 'string', maxLength: 20_000 } as const;

export function noteApiRoutes(app: FastifyInstance, services: Services): void {
  const { pool, audit } = services;

  app.post<{ Body: { title: string; body?: string; project_id: string } }>(
    '/api/notes',
    {
      schema: {
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['title', 'project_id'],
          properties: { title, body, project_id: { type: 'string', format: 'uuid' } },
        },
      },
    },
    async (request, reply) => {
      const { personId } = sessionOf(services, request);
      const note = request.body;
      const id = await inTransaction(pool, async (client) => {
        const added = await client.query<{ id: string }>(
          'insert into note (project_id, author_id, title, body) values ($1, $2, $3, $4) returning id',
          [note.project_id, personId, note.title, note.body ?? ''],
        );
        await recordActivity(client, personId, 'wrote', note.title);
        const target = { type: 'note', id: added.rows[0]?.id ?? '', name: note.title };
        await audit.record({ action: 'note.written', targets: [target] }, client);
        return target.id;
      });
      return reply.code(201).send({ id });
    },
  );

  app.put<{ Params: { id: string }; Body: { title?: string; body?: string; pinned?: boolean } }>(
    '/api/notes/:id',
    {
      schema: {
        params: idParams,
        body: {
          type: 'object',
          additionalProperties: false,
          minProperties: 1,
          properties: { title, body, pinned: { type: 'boolean' } },
        },
      },
    },
    async (request) => {
      const { personId } = sessionOf(services, request);
      const change = request.body;
      return inTransaction(pool, async (client) => {
        const changed = await client.query<{ id: string; title: string }>(
          `update note set title = coalesce($2, title), body = coalesce($3, body), pinned = coalesce($4, pinned), updated_at = now()
           where id = $1 returning id, title`,
          [request.params.id, change.title, change.body, change.pinned],
        );
        if (changed.rows[0] === undefined) throw notFound();
        const note = changed.rows[0];
        await recordActivity(client, personId, 'changed', note.title);
        await audit.record(
          {
            action: 'note.changed',
            targets: [{ type: 'note', id: note.id, name: note.title }],
            metadata: { fields: Object.keys(change) },
          },
          client,
        );
        return note;
      });
    },
  );

  app.delete<{ Params: { id: string } }>(
    '/api/notes/:id',
    { schema: { params: idParams } },
    async (request, reply) => {
      const { personId } = sessionOf(services, request);
      await inTransaction(pool, async (client) => {
        const gone = await client.query<{ title: string }>(
          'delete from note where id = $1 returning title',
          [request.params.id],
        );
        if (gone.rows[0] === undefined) throw notFound();
        const note = { type: 'note', id: request.params.id, name: gone.rows[0].title };
        await recordActivity(client, personId, 'deleted', note.name);
        await audit.record({ action: 'note.deleted', targets: [note] }, client);
      });
      return reply.code(204).send();
    },
  );
}
