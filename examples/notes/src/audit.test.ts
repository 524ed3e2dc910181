/** The app records itself: what its people do is in the log of their organization, and in no other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Leaf, readLog } from '#test/audit-ground';
import { openDoor } from './attack/run-attack.ts';
import { json, type NotesFixture, openNotes } from './testdata/notes-fixture.ts';

let notes: NotesFixture;
beforeAll(async () => {
  notes = await openNotes();
  notes.app.bulkhead.audit.start();
});
afterAll(() => notes.close());

/** In one snapshot, because the worker goes on meanwhile. */
async function logOf(slug: keyof NotesFixture['people']): Promise<Leaf[]> {
  await notes.admin.query('begin isolation level repeatable read read only');
  try {
    return await readLog(notes.admin, notes.people[slug].tenantId);
  } finally {
    await notes.admin.query('commit');
  }
}

/** The events of an organization once there is one that is looked for. */
async function eventually(
  slug: keyof NotesFixture['people'],
  isLookedFor: (leaf: Leaf['json']) => boolean,
): Promise<Leaf['json'][]> {
  for (let turns = 0; turns < 400; turns += 1) {
    const found = (await logOf(slug)).map((leaf) => leaf.json).filter(isLookedFor);
    if (found.length > 0) return found;
    await sleep(25);
  }
  throw new Error('it never came');
}

const anId = async (table: string, where = 'true'): Promise<string> => {
  const { rows } = await notes.admin.query(
    `select id from ${table} where tenant_id = $1 and ${where} order by id limit 1`,
    [notes.people.acme.tenantId],
  );
  return rows[0].id;
};

test('a note, an invoice and their rows are recorded together with the change', async () => {
  const project_id = await anId('project');
  const added = await notes.as(
    'acme',
    '/api/notes',
    json('POST', { title: 'Bilge pump', body: 'Works.', project_id }),
  );
  const { id } = (await added.json()) as { id: string };
  const invoice = await anId('invoice', `status = 'open'`);
  const paid = await notes.as('acme', `/invoices/${invoice}/paid`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ form_token: await notes.formToken('acme') }),
  });
  expect(paid.status).toBe(303);
  const [written] = await eventually('acme', ({ action }) => action === 'note.written');
  expect(written).toMatchObject({
    targets: [{ type: 'note', id, name: 'Bilge pump' }],
    source: 'record',
  });
  const [row] = await eventually(
    'acme',
    ({ action, targets }) =>
      action === 'row.updated' && (targets as { id: string }[])[0]?.id === invoice,
  );
  expect(row).toMatchObject({
    before: { status: 'open' },
    after: { status: 'paid' },
    source: 'row',
  });
  const requests = await eventually(
    'acme',
    ({ action, metadata }) =>
      action === 'request.completed' && (metadata as { path: string }).path.endsWith('/paid'),
  );
  expect(requests).toMatchObject([
    { outcome: 'success', metadata: { method: 'POST', status: 303 } },
  ]);
  // What is not committed is not recorded.
  const refused = await notes.as('acme', `/invoices/${invoice}/paid`, { method: 'POST' });
  expect(refused.status).not.toBe(303);
  expect(
    (await logOf('acme')).filter(({ json: { action } }) => action === 'invoice.paid'),
  ).toHaveLength(1);
});

test('who signs in and who fails to is recorded, and neither e-mail nor name is in a leaf', async () => {
  const { email } = notes.people.borealis;
  const started = await eventually('borealis', ({ action }) => action === 'session.started');
  expect(started[0]).toMatchObject({
    actor: { type: 'user' },
    commitments: { '/ip': expect.any(String) },
  });
  const { cookie, formToken } = await openDoor(notes.origin, 'borealis');
  await fetch(`${notes.origin}/t/borealis/sign-in`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: notes.origin,
      cookie,
    },
    body: new URLSearchParams({ email, password: 'wrong', form_token: formToken }),
  });
  const [refused] = await eventually('borealis', ({ action }) => action === 'session.refused');
  expect(refused).toMatchObject({ outcome: 'denied', metadata: { method: 'password' } });
  const text = (await logOf('borealis')).map(({ bytes }) => bytes.toString()).join('\n');
  expect(text).not.toContain(email);
  expect(text).not.toContain('127.0.0.1');
  const people = await notes.admin.query(
    'select p.name, p.email, w.hash from person p join bulkhead.password w on w.user_id = p.id',
  );
  for (const { name, email: address, hash } of people.rows) {
    expect(text).not.toContain(`"${name}"`);
    expect(text).not.toContain(address);
    expect(text).not.toContain(hash);
  }
});

test("one organization's log holds nothing of another's", async () => {
  await eventually('cobalt', ({ action }) => action === 'session.started');
  for (const slug of ['acme', 'borealis', 'cobalt'] as const) {
    const leaves = await logOf(slug);
    expect(new Set(leaves.map(({ json: { tenant } }) => tenant))).toEqual(
      new Set([notes.people[slug].tenantId]),
    );
  }
});
