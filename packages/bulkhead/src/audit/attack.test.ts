/** What an attacker who runs SQL as the app's role can do to the log, past the guard and with the app's own token. */

import type pg from 'pg';
import { expect, test } from 'vitest';
import { ACME, type AuditApp, BORA, createAuditApp } from '#test/audit-app';
import { parseContextKey, parseTenantId } from '../isolation/index.ts';
import { createContextSigner } from '../isolation/signed-context.ts';
import { type ActionDefinitions, defineActions } from './catalogue/define-actions.ts';

const actions = defineActions({ 'note.created': { description: 'A note was written.' } });
const ID = '0e000000-0000-4000-8000-000000000001';
const FORGED = JSON.stringify({ action: 'note.created', outcome: 'success', targets: [] });

/** A session of the app's role with Alice's own signed context, and no guard in front of it. */
async function injected<A extends ActionDefinitions>(app: AuditApp<A>) {
  const client = await app.ground.connect(app.ground.database.appUrl);
  const signer = createContextSigner(parseContextKey(app.ground.database.contextKey), 300);
  const context = {
    kind: 'tenant' as const,
    tenant: { id: parseTenantId(ACME) },
    actor: { type: 'user' as const, id: 'alice' },
    expiresAtMs: Date.now() + 600_000,
  };
  const { token } = signer.sign(context, Date.now());
  await client.query(`select set_config('bulkhead.context', $1, false)`, [token]);
  return { client, token };
}

const refused = (client: pg.Client, sql: string, values: unknown[] = []): Promise<unknown> =>
  client.query(sql, values).then(
    (result) => ({ rows: result.rows }),
    (error: { code: string }) => error.code,
  );

test('through the protected pool no statement of the app’s reaches the log at all', async () => {
  const app = await createAuditApp(actions);
  await app.asAcme(async () => {
    for (const sql of [
      `select bulkhead.audit_record(array['${ID}'::uuid], array['standard'], array['${FORGED}'])`,
      `select * from note where title = (select bulkhead.audit_record(array['${ID}'::uuid], array['x'], array['{}'])::text)`,
      `select BULKHEAD . "audit_record"(array['${ID}'::uuid], array['standard'], array['${FORGED}'])`,
      'select * from bulkhead.audit_pending',
      'select * from bulkhead.audit_subject',
      'insert into bulkhead.audit_pending default values',
      // Bulkhead's own text with anything about it changed is not that text.
      'select bulkhead.audit_record(array[$1::uuid], array[$2::text], array[$3::text]) -- ',
    ]) {
      await expect(app.pool.query(sql)).rejects.toMatchObject({
        code: 'isolation.statement_refused',
      });
    }
  });
  expect(
    (await app.pending()).filter(({ event }) => !`${event}`.includes('statement.denied')),
  ).toEqual([]);
});

test("past the guard it writes events of its own tenant and actor, and nobody else's", async () => {
  const app = await createAuditApp(actions);
  const { client, token } = await injected(app);
  const lying = JSON.stringify({
    ...JSON.parse(FORGED),
    tenant: BORA,
    actor: { type: 'user', id: 'bob' },
  });
  await client.query('select bulkhead.audit_record($1, $2, $3)', [[ID], ['standard'], [lying]]);
  expect(await app.pending()).toMatchObject([
    { tenant_id: ACME, actor: 'user:alice', source: 'record' },
  ]);
  const other = token.replace(ACME, BORA);
  const bob = token.replace('user:alice', 'user:bob');
  const edited = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
  for (const forged of [other, bob, edited, '', null, 'v1']) {
    expect(
      await refused(client, 'select bulkhead.audit_submit($1, $2, $3, $4, $5)', [
        [forged],
        [1],
        [ID],
        ['standard'],
        [FORGED],
      ]),
    ).toBe('28000');
  }
  // With a place among the contexts that there is none for, nobody is named, and nothing is written.
  expect(
    await refused(client, 'select bulkhead.audit_submit($1, $2, $3, $4, $5)', [
      [token],
      [2],
      [ID],
      ['standard'],
      [FORGED],
    ]),
  ).toBe('23502');
  expect(await app.events(BORA)).toEqual([]);
  expect(await app.events()).toMatchObject([
    { tenant: ACME, actor: { type: 'user', id: 'alice' }, action: 'audit.unreadable' },
  ]);
});

test('a refused submission leaves the session’s own context as it was', async () => {
  const app = await createAuditApp(actions);
  const { client, token } = await injected(app);
  await client.query('select bulkhead.audit_submit($1, $2, $3, $4, $5)', [
    [token],
    [1],
    [ID],
    ['standard'],
    [FORGED],
  ]);
  await refused(client, 'select bulkhead.audit_submit($1, $2, $3, $4, $5)', [
    ['v1.x'],
    [1],
    [ID],
    ['standard'],
    [FORGED],
  ]);
  expect(
    await refused(client, 'select bulkhead.tenant_id() as id, bulkhead.actor() as actor'),
  ).toEqual({
    rows: [{ id: ACME, actor: 'user:alice' }],
  });
});

test("it reads neither the outbox nor any other tenant's part of the log, and changes nothing of its own", async () => {
  const app = await createAuditApp(actions);
  const both = { action: 'note.created' as const, ip: '192.0.2.3' };
  await app.asAcme(() => app.bulkhead.audit.record(both, app.pool));
  await app.asBora(() => app.bulkhead.audit.record(both, app.pool));
  await app.events();
  const { client } = await injected(app);
  for (const table of [
    'audit_pending',
    'audit_erasure',
    'audit_vault_state',
    'audit_worker',
    'context_key',
  ]) {
    expect(await refused(client, `select * from bulkhead.${table}`)).toBe('42501');
  }
  for (const table of [
    'audit_log',
    'audit_chunk',
    'audit_event',
    'audit_subject',
    'audit_vault_key',
    'audit_opening',
  ]) {
    const seen = (await refused(client, `select tenant_id from bulkhead.${table}`)) as {
      rows: unknown[];
    };
    expect(seen.rows).toEqual([{ tenant_id: ACME }]);
    for (const sql of [
      `delete from bulkhead.${table}`,
      `update bulkhead.${table} set tenant_id = tenant_id`,
      `insert into bulkhead.${table} default values`,
      `truncate bulkhead.${table}`,
      `alter table bulkhead.${table} disable row level security`,
    ]) {
      expect(await refused(client, sql)).toBe('42501');
    }
  }
});

test('it calls nothing that sequences, signs, erases, tracks or records as somebody', async () => {
  const app = await createAuditApp(actions);
  const { client } = await injected(app);
  const { rows } = await app.admin.query(
    `select p.oid::regprocedure::text as signature, has_function_privilege('test_app', p.oid, 'execute') as may
       from pg_proc p where p.pronamespace = 'bulkhead'::regnamespace
        and (p.proname like 'audit%' or p.proname like '%checkpoint%') order by 1`,
  );
  expect(rows.filter(({ may }) => may).map(({ signature }) => signature)).toEqual([
    // Cuts a leaf out of the bytes that it is handed: it reads nothing.
    'bulkhead.audit_leaf(bytea,integer)',
    'bulkhead.audit_record(uuid[],text[],text[])',
    'bulkhead.audit_record_parcels(text[])',
    'bulkhead.audit_submit(text[],integer[],uuid[],text[],text[])',
    'bulkhead.audit_submit_parcel(text,text,text)',
  ]);
  expect(await refused(client, `select bulkhead.audit_track('note')`)).toBe('42501');
  expect(
    await refused(
      client,
      `create trigger t after insert on note for each row execute function bulkhead.audit_row('{}')`,
    ),
  ).toBe('42501');
});

test('a hundred kinds of rubbish in the outbox stall nothing: each becomes an event, and good ones go on', async () => {
  const app = await createAuditApp(actions);
  const { client } = await injected(app);
  const rubbish = [
    '',
    'null',
    '[[[',
    '{"action":"note.created","outcome":"success","targets":[],"metadata":{"__proto__":{"polluted":true}}}',
    '{"action":"note.created","outcome":"success","targets":[],"metadata":{"constructor":{"prototype":{"polluted":true}}}}',
    '{"action":"note.created","outcome":"success","targets":[],"personal":[{"path":"/outcome","subject":{"type":"user","id":"x"}}]}',
    '{"action":"note.created","outcome":"success","targets":[],"personal":[{"path":"/metadata/__proto__","subject":{"type":"user","id":"x"}}]}',
    `${'['.repeat(100_000)}`,
    'x'.repeat(200_000),
    '{"action":"note.created","action":"note.created","outcome":"success","targets":[],"time":"+275760-09-13T00:00:00.000Z"}',
  ];
  for (const [n, text] of rubbish.entries()) {
    const id = `0e000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    await client.query('select bulkhead.audit_record($1, $2, $3)', [[id], ['standard'], [text]]);
  }
  await app.asAcme(() => app.bulkhead.audit.record({ action: 'note.created' }, app.pool));
  const events = await app.events();
  expect(events).toHaveLength(rubbish.length + 1);
  expect(events.at(-1)?.action).toBe('note.created');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
