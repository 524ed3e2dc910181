/**
 * Policy expressions, each decided on a real table: which of them keep tenants apart, and which only look so.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { prove } from '../index.ts';

const CONTEXT = `nullif(current_setting('app.tenant_id', true), '')::uuid`;

const HOLDS: Record<string, string> = {
  'the context, either side': `${CONTEXT} = tenant_id`,
  'a wrapping sub-select': `tenant_id = (select ${CONTEXT})`,
  'a comparison as text': `tenant_id::text = current_setting('app.tenant_id', true)`,
  'an array of one': `tenant_id = any (array[${CONTEXT}])`,
  'a strict setting': `tenant_id = current_setting('app.tenant_id')::uuid`,
  'coalesce to false': `coalesce(tenant_id = ${CONTEXT}, false)`,
  'a default that is nobody': `tenant_id = coalesce(${CONTEXT}, '00000000-0000-0000-0000-000000000000')`,
  'double negation': `not (tenant_id <> ${CONTEXT})`,
  'an ordinary user’s own rows among them': `tenant_id = ${CONTEXT} and (flag or note = 'mine')`,
  'not distinct where the column is never null': `tenant_id is not distinct from ${CONTEXT}`,
};

const LEAKS: Record<string, string> = {
  'fails open without context': `tenant_id = coalesce(${CONTEXT}, tenant_id)`,
  'opens when nothing is set': `${CONTEXT} is null or tenant_id = ${CONTEXT}`,
  'takes null for yes': `(tenant_id <> ${CONTEXT}) is not true`,
  'opens by a flag': `tenant_id = ${CONTEXT} or flag`,
  'believes another setting': `tenant_id = ${CONTEXT} or current_setting('app.admin', true) = 'on'`,
  'compares a prefix': `left(tenant_id::text, 8) = left(current_setting('app.tenant_id', true), 8)`,
  'orders instead of comparing': `tenant_id >= ${CONTEXT}`,
  'compares a column with itself': `tenant_id = tenant_id`,
  'asks for any context': `${CONTEXT} is not null`,
  'captures the inner column': `exists (select 1 from sheets s where s.tenant_id = ${CONTEXT} and s.id = id)`,
};

let database: TestDatabase;
let admin: pg.Client;
const role = new Map<string, string>();

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
  admin = new pg.Client({ connectionString: database.superuserUrl });
  await admin.connect();
  role.set('app', new URL(database.appUrl).username);
});
afterAll(async () => {
  await admin?.end();
  await database?.drop();
});

async function verdictOf(expression: string): Promise<string | undefined> {
  const app = pg.escapeIdentifier(role.get('app') ?? '');
  await admin.query(
    `drop schema if exists decided cascade; create schema decided; grant usage on schema decided to ${app}`,
  );
  await admin.query(`set search_path = decided;
    create table anchors (id uuid primary key, tenant_id uuid not null);
    alter table anchors enable row level security;
    create policy own on anchors using (tenant_id = ${CONTEXT});
    create table sheets (id uuid primary key, tenant_id uuid not null, flag boolean not null, note text not null);
    alter table sheets enable row level security;
    create policy asked on sheets for select using (true);
    drop policy asked on sheets;
    grant select on sheets, anchors to ${app}`);
  const subject = expression.includes('sheets s')
    ? expression.replaceAll('sheets s', 'anchors s')
    : expression;
  await admin.query(
    `create policy asked on sheets for select using (${subject}); reset search_path`,
  );
  const proof = await prove(admin, {
    role: role.get('app'),
    schemas: ['decided'],
    probe: false,
    tenantSetting: 'app.tenant_id',
  });
  return proof.objects.find(({ object }) => object === 'decided.sheets')?.verdict;
}

describe('a policy that keeps tenants apart is proven', () => {
  for (const [name, expression] of Object.entries(HOLDS)) {
    it(name, async () => expect(await verdictOf(expression)).toBe('proven'));
  }
});

describe('a policy that only looks as if is called a leak', () => {
  for (const [name, expression] of Object.entries(LEAKS)) {
    it(name, async () => expect(await verdictOf(expression)).toBe('leak'));
  }
});
