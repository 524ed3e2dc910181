/**
 * A control plane over a database of its own: two tenants with people in every built-in role, operators, and a
 * log that is sequenced and signed on demand.
 */
import pg from 'pg';
import { onTestFinished } from 'vitest';
import {
  type Bulkhead,
  type BulkheadConfig,
  createBulkhead,
} from '../../packages/bulkhead/src/index.ts';
import { type AuditGround, createAuditGround, ORIGIN } from './audit-ground.ts';

export const ACME = 'ac000000-0000-4000-8000-000000000001';
export const BORA = 'b0000000-0000-4000-8000-000000000002';
export const OPERATORS = '00000000-0000-0000-0000-000000000000';
export const PUBLIC_URL = 'https://console.test.example/bulkhead';

export const roles = ['owner', 'admin', 'member', 'viewer', 'auditor', 'billing'] as const;
export type RoleName = (typeof roles)[number];

export interface Asked {
  readonly as?: string | undefined;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** An answer whose JSON is an object, as all of the API's are. */
export type Answer = Omit<Response, 'json'> & { json(): Promise<Record<string, unknown>> };

export interface ControlGround {
  readonly ground: AuditGround;
  readonly admin: pg.Client;
  readonly bulkhead: Bulkhead;
  readonly pool: pg.Pool;
  /** As somebody (`acme-owner`, `bora-viewer`, `operators-admin`, …) or nobody; path below /api/v1. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** The same with the whole address. */
  askAt(url: string, asked?: Asked): Promise<Answer>;
  /** Everything recorded is sequenced and signed. */
  settle(): Promise<void>;
}

/** Who may be: the tenant's slug and a role, `acme-owner`. */
export const people = ['acme', 'bora', 'operators'].flatMap((tenant) =>
  [...roles, 'nobody'].map((role) => `${tenant}-${role}`),
);

const TENANTS: Readonly<Record<string, string>> = {
  acme: ACME,
  bora: BORA,
  operators: OPERATORS,
};

/** The id of the tenant that somebody belongs to. */
export const tenantOf = (person: string): string => TENANTS[person.split('-', 1)[0] ?? ''] ?? '';

/** An app with one protected table, and two tenants in it. */
export async function createTwoTenants(): Promise<AuditGround> {
  const ground = await createAuditGround();
  const { admin } = ground;
  await admin.query(
    `set role test_owner;
     create table note (tenant_id uuid not null default bulkhead.tenant_id(), id uuid not null default gen_random_uuid(),
       title text not null, primary key (tenant_id, id));
     select bulkhead.protect_table('note');
     grant select, insert, update, delete on note to test_app, test_operator;
     reset role`,
  );
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name) values ($1, 'acme', 'Acme'), ($2, 'bora', 'Bora')`,
    [ACME, BORA],
  );
  return ground;
}

export async function createControlGround(
  given: Partial<BulkheadConfig> = {},
): Promise<ControlGround> {
  const ground = await createTwoTenants();
  const { admin, database } = ground;
  await admin.query('set role bulkhead');
  for (const person of people) {
    const tenant = tenantOf(person);
    const [, role] = person.split('-');
    await admin.query('select bulkhead.access_member_join($1, $2, $3, $4, $5, $6)', [
      tenant,
      'system:test',
      'user',
      person,
      person,
      `${person}@test.example`,
    ]);
    if (role === 'nobody') continue;
    await admin.query('select bulkhead.access_give($1, $2, $3, $4, $5, null, $6, null)', [
      tenant,
      'system:test',
      'user',
      person,
      role,
      'direct',
    ]);
  }
  await admin.query('reset role');
  const bulkhead = createBulkhead({
    database: { appRole: 'test_app', operatorRole: 'test_operator' },
    isolation: { contextKeys: [database.contextKey], operatorUrl: database.operatorUrl },
    identity: {
      authenticate: (request) => {
        const person =
          /^Test ([\w-]+)$/.exec(request.header('authorization') ?? '')?.[1] ??
          /(?:^|; )person=([\w-]+)/.exec(request.header('cookie') ?? '')?.[1];
        if (person === undefined || !people.includes(person)) return null;
        return { actor: { type: 'user', id: person, name: person }, tenants: [tenantOf(person)] };
      },
      accountsUrl: database.identityUrl,
      ...given.identity,
    },
    audit: {
      origin: ORIGIN,
      vaultKeys: [ground.vaultKey],
      signingKeys: [ground.signingKey],
      sequencerUrl: database.auditUrl,
      signerUrl: database.signerUrl,
    },
    http: {
      publicUrl: PUBLIC_URL,
      requestsPerMinute: 1_000_000,
      anonymousRequestsPerMinute: 1_000_000,
      proveEveryMinutes: 0,
      verifyEveryMinutes: 0,
      ...given.http,
    },
  });
  const pool = bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 4 }));
  onTestFinished(() => bulkhead.close());
  const plane = bulkhead.controlPlane();
  const sequencer = await ground.sequencer();
  const signer = await ground.signer();

  const askAt: ControlGround['askAt'] = (
    url,
    { as, method = 'GET', body, headers, signal } = {},
  ) => {
    const isText = typeof body === 'string' || body === undefined;
    // The type of a plain Response says nothing of its JSON; every answer of the API is an object.
    return plane.fetch(
      new Request(url, {
        method,
        headers: {
          ...(as !== undefined && { authorization: `Test ${as}` }),
          ...(as?.startsWith('operators') && { 'bulkhead-reason': 'a test' }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: isText ? String(body) : JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      }),
    ) as Promise<Answer>;
  };
  return {
    ground,
    admin,
    bulkhead,
    pool,
    askAt,
    ask: (path, asked) => askAt(`${PUBLIC_URL}/api/v1${path}`, asked),
    async settle() {
      // What is queued comes within milliseconds; nobody is told when.
      for (let turn = 0; turn < 100 && bulkhead.audit.waiting > 0; turn += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await sequencer.drain();
      await signer.next();
    },
  };
}
