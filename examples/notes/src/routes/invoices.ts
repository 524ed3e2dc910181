/** Invoices: list, read, pay; and by the API, issue with lines in one transaction. */
import type { FastifyInstance } from 'fastify';
import { inTransaction, recordActivity } from '../database/transaction.ts';
import { type Invoice, type InvoiceLine, invoicePage, invoicesPage } from '../pages/invoices.ts';
import { baseOf, frameOf, type Services, sessionOf } from '../services.ts';
import { notFound } from './errors.ts';
import { idParams } from './schemas.ts';

const INVOICE = `select i.id, i.number, i.customer, p.name as project, i.status, i.issued_on::text, i.due_on::text,
  i.total_cents, i.status = 'open' and i.due_on < current_date as late
  from invoice i join project p on p.id = i.project_id`;

const LINES =
  'select position, description, quantity, unit_cents from invoice_line where invoice_id = $1 order by position';

interface NewInvoice {
  readonly number: string;
  readonly customer: string;
  readonly project_id: string;
  readonly issued_on: string;
  readonly due_on: string;
  readonly total_cents: number;
  readonly lines: readonly {
    readonly description: string;
    readonly quantity: number;
    readonly unit_cents: number;
  }[];
}

const cents = { type: 'integer', minimum: 0, maximum: 1_000_000_000_000 } as const;
const newInvoice = {
  type: 'object',
  additionalProperties: false,
  required: ['number', 'customer', 'project_id', 'issued_on', 'due_on', 'total_cents', 'lines'],
  properties: {
    number: { type: 'string', minLength: 1, maxLength: 40 },
    customer: { type: 'string', minLength: 1, maxLength: 160 },
    project_id: { type: 'string', format: 'uuid' },
    issued_on: { type: 'string', format: 'date' },
    due_on: { type: 'string', format: 'date' },
    total_cents: cents,
    lines: {
      type: 'array',
      minItems: 1,
      maxItems: 500,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['description', 'quantity', 'unit_cents'],
        properties: {
          description: { type: 'string', minLength: 1, maxLength: 300 },
          quantity: { type: 'integer', minimum: 1, maximum: 100_000 },
          unit_cents: cents,
        },
      },
    },
  },
} as const;

export function invoiceRoutes(app: FastifyInstance, services: Services): void {
  const { pool, audit } = services;

  async function read(id: string): Promise<{ invoice: Invoice; lines: readonly InvoiceLine[] }> {
    const invoice = await pool.query<Invoice>(`${INVOICE} where i.id = $1`, [id]);
    if (invoice.rows[0] === undefined) throw notFound();
    const lines = await pool.query<InvoiceLine>(LINES, [id]);
    return { invoice: invoice.rows[0], lines: lines.rows };
  }

  app.get('/invoices', async (request, reply) => {
    const invoices = await pool.query<Invoice>(
      `${INVOICE} order by i.issued_on desc, i.number desc limit 200`,
    );
    return reply.type('text/html').send(invoicesPage(frameOf(services, request), invoices.rows));
  });

  app.get<{ Params: { id: string } }>(
    '/invoices/:id',
    { schema: { params: idParams } },
    async (request, reply) => {
      const { invoice, lines } = await read(request.params.id);
      return reply.type('text/html').send(invoicePage(frameOf(services, request), invoice, lines));
    },
  );

  app.post<{ Params: { id: string } }>(
    '/invoices/:id/paid',
    { schema: { params: idParams } },
    async (request, reply) => {
      const { personId } = sessionOf(services, request);
      await inTransaction(pool, async (client) => {
        const paid = await client.query<{ number: string }>(
          `update invoice set status = 'paid' where id = $1 and status = 'open' returning number`,
          [request.params.id],
        );
        if (paid.rows[0] === undefined) throw notFound();
        const invoice = { type: 'invoice', id: request.params.id, name: paid.rows[0].number };
        await recordActivity(client, personId, 'marked as paid', invoice.name);
        await audit.record({ action: 'invoice.paid', targets: [invoice] }, client);
      });
      return reply.redirect(`${baseOf(request)}/invoices/${request.params.id}`, 303);
    },
  );

  app.get('/api/invoices', async () => {
    const invoices = await pool.query<Invoice>(
      `${INVOICE} order by i.issued_on desc, i.number desc limit 200`,
    );
    return { invoices: invoices.rows };
  });

  app.get<{ Params: { id: string } }>(
    '/api/invoices/:id',
    { schema: { params: idParams } },
    async (request) => {
      const { invoice, lines } = await read(request.params.id);
      return { ...invoice, lines };
    },
  );

  app.post<{ Body: NewInvoice }>(
    '/api/invoices',
    { schema: { body: newInvoice } },
    async (request, reply) => {
      const { personId } = sessionOf(services, request);
      const { number, customer, project_id, issued_on, due_on, total_cents, lines } = request.body;
      const id = await inTransaction(pool, async (client) => {
        const added = await client.query<{ id: string }>(
          `insert into invoice (number, customer, project_id, issued_on, due_on, total_cents)
         values ($1, $2, $3, $4, $5, $6) returning id`,
          [number, customer, project_id, issued_on, due_on, total_cents],
        );
        await client.query(
          `insert into invoice_line (invoice_id, position, description, quantity, unit_cents)
         select $1, l.position, l.line->>'description', (l.line->>'quantity')::integer, (l.line->>'unit_cents')::bigint
         from jsonb_array_elements($2::jsonb) with ordinality as l (line, position)`,
          [added.rows[0]?.id, JSON.stringify(lines)],
        );
        await recordActivity(client, personId, 'issued', `${number} to ${customer}`);
        const invoice = { type: 'invoice', id: added.rows[0]?.id ?? '', name: number };
        await audit.record(
          {
            action: 'invoice.issued',
            targets: [invoice],
            metadata: { customer, totalCents: total_cents, lines: lines.length },
          },
          client,
        );
        // The deferred trigger compares the total with the lines at this commit.
        return invoice.id;
      });
      return reply.code(201).send({ id });
    },
  );
}
