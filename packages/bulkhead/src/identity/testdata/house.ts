/** A database with two tenants and people of every role in them, and Bulkhead as an app has it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { type Bulkhead, createBulkhead } from '../../create-bulkhead.ts';
import type { Actor, TenantContext } from '../../isolation/index.ts';
import type { IdentityConfigInput } from '../config.ts';
import type { RequestLike } from '../request.ts';

export interface Tenant {
  readonly id: string;
  readonly slug: string;
}

export interface Asked {
  readonly host?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly ip?: string;
  /** Where headers of the answer are put; without it the framework offers no way to add one. */
  readonly answer?: string[];
}

export interface House {
  readonly database: TestDatabase;
  readonly bulkhead: Bulkhead;
  /** The superuser's: arranges and looks. */
  readonly admin: pg.Pool;
  readonly acme: Tenant;
  readonly globex: Tenant;
  /** Another process, as it were: nothing shared but the database. */
  another(identity?: Partial<IdentityConfigInput>): Bulkhead;
  /** A user, a member of these tenants with a role there. */
  person(role: string, ...tenants: Tenant[]): Promise<string>;
  /** Runs `fn` as an actor of a tenant. */
  as<T>(tenant: Tenant, actor: Actor | string, fn: () => Promise<T>): Promise<T>;
  /** Through the gate, as a request. */
  admit(asked: Asked, bulkhead?: Bulkhead): Promise<TenantContext | null>;
  /** What a tenant's log was told, oldest first. */
  events(tenant?: string): Promise<Record<string, unknown>[]>;
}

export const OPERATORS_LOG = '00000000-0000-0000-0000-000000000000';
export const BASE = 'app.example';

export async function openHouse(identity: Partial<IdentityConfigInput> = {}): Promise<House> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const admin = new pg.Pool({ connectionString: database.superuserUrl, max: 4 });
  // An idle connection of it may still be closing when the database is dropped.
  admin.on('error', () => undefined);
  onTestFinished(() => admin.end());
  const made: Bulkhead[] = [];
  onTestFinished(async () => {
    await Promise.all(made.map((one) => one.close()));
  });
  const another: House['another'] = (change = {}) => {
    const bulkhead = createBulkhead({
      database: { appRole: 'test_app', identityRole: 'test_identity' },
      isolation: { contextKeys: [database.contextKey], operatorUrl: database.operatorUrl },
      identity: {
        tenantFrom: [
          { from: 'subdomain', of: BASE },
          { from: 'header', name: 'x-tenant' },
        ],
        accountsUrl: database.identityUrl,
        sessions: {},
        apiKeys: {},
        ...identity,
        ...change,
      },
    });
    bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 4 }));
    made.push(bulkhead);
    return bulkhead;
  };
  const bulkhead = another();
  const tenant = async (slug: string): Promise<Tenant> => {
    const { rows } = await admin.query<{ id: string }>(
      'insert into bulkhead.tenant (slug, name) values ($1, $1) returning id',
      [slug],
    );
    return { id: rows[0]?.id ?? '', slug };
  };

  return {
    database,
    bulkhead,
    admin,
    acme: await tenant('acme'),
    globex: await tenant('globex'),
    another,
    async person(role, ...tenants) {
      const email = `${role}.${randomBytes(4).toString('hex')}@acme.example`;
      const { id } = await bulkhead.identity.users.create({ email, name: role });
      for (const { id: at } of tenants) {
        await admin.query(
          `select bulkhead.access_member_join($1, 'system:test', 'user', $2, $3, $4)`,
          [at, id, role, email],
        );
        if (role !== 'none') {
          await admin.query(
            `select bulkhead.access_give($1, 'system:test', 'user', $2, $3, $1, 'direct', null)`,
            [at, id, role],
          );
        }
      }
      return id;
    },
    as: (at, actor, fn) =>
      bulkhead.asTenant(at.id, fn, {
        actor: typeof actor === 'string' ? { type: 'user', id: actor } : actor,
      }),
    admit: async (asked, by = bulkhead) => by.gate.admit(requestOf(asked)),
    async events(at) {
      const { rows } = await admin.query<{ actor: string; event: string }>(
        `select actor, event from bulkhead.audit_pending where $1::uuid is null or tenant_id = $1 order by xid, seq`,
        [at ?? null],
      );
      return rows.map(({ actor, event }) => ({ actor, ...JSON.parse(event) }));
    },
  };
}

export function requestOf({ host, path = '/', headers = {}, ip, answer }: Asked): RequestLike {
  return {
    method: 'GET',
    host: host ?? `acme.${BASE}`,
    path,
    header: (name) => headers[name],
    ...(answer !== undefined && {
      addResponseHeader: (name: string, value: string) => void answer.push(`${name}: ${value}`),
    }),
    raw: { socket: { remoteAddress: ip ?? '192.0.2.7' } },
  };
}

export const withCookie = (token: string) => ({ cookie: `__Host-bulkhead_session=${token}` });

/** The token in what an answer sets. */
export function tokenIn(answer: readonly string[]): string | undefined {
  return answer.at(-1)?.match(/__Host-bulkhead_session=([\w-]{43});/)?.[1];
}

export const refusal = (code: string) => expect.objectContaining({ code });
