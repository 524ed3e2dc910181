import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../isolation/index.ts';
import { type House, openHouse, refusal } from '../testdata/house.ts';
import { hashApiKey, mintApiKey } from './api-key-token.ts';

let house: House;
let ada: string;
let admin: string;
beforeEach(async () => {
  house = await openHouse();
  ada = await house.person('member', house.acme);
  admin = await house.person('admin', house.acme);
});

const door = () => house.bulkhead.identity;
const asAda = <T>(fn: () => Promise<T>) => house.as(house.acme, ada, fn);
const asAdmin = <T>(fn: () => Promise<T>) => house.as(house.acme, admin, fn);
const asKey = <T>(id: string, fn: () => Promise<T>) =>
  house.as(house.acme, { type: 'api_key', id } satisfies Actor, fn);
const own = (more: object = {}) => asAda(() => door().apiKeys.create({ name: 'ci', ...more }));
const robot = async (role?: string) => {
  const account = await asAdmin(() => door().serviceAccounts.create({ name: 'Nightly export' }));
  if (role !== undefined) {
    await house.admin.query(
      `select bulkhead.access_give($1, 'system:test', 'service_account', $2, $3, $1, 'direct', null)`,
      [house.acme.id, account.id, role],
    );
  }
  return account;
};
const forRobot = (id: string, more: object = {}) =>
  door().apiKeys.create({ name: 'robot', holder: { type: 'service_account', id }, ...more });
const use = (token: string, more: object = {}, by = house.bulkhead) =>
  house.admit({ headers: { 'x-api-key': token }, ...more }, by);
const invalid = refusal('identity.api_key_invalid');
const permits = (actor: Actor | string, permission: string) =>
  house.as(house.acme, actor, async () => house.bulkhead.access.canAll([{ permission }]));
const forget = () => sleep(1_020);

describe('a key', () => {
  it('acts for whoever made it, by either header, in its own tenant alone', async () => {
    const { id, token } = await own();
    for (const headers of [{ authorization: `Bearer ${token}` }, { 'x-api-key': token }]) {
      expect(await house.admit({ headers })).toMatchObject({
        tenant: { id: house.acme.id },
        actor: { type: 'api_key', id, name: 'ci' },
        apiKey: { id, holder: { type: 'user', id: ada }, scopes: null },
      });
    }
    expect(await use(token, { host: 'localhost.example' })).toMatchObject({
      tenant: { id: house.acme.id },
    });
    await expect(use(token, { host: 'globex.app.example' })).rejects.toEqual(
      refusal('identity.tenant_not_allowed'),
    );
  });

  it('passes on no more than its holder has, nor than it was limited to', async () => {
    const all = await own();
    const one = await own({ permissions: ['member:read', 'grant:manage'] });
    expect(await permits({ type: 'api_key', id: all.id }, 'member:read')).toEqual([true]);
    expect(await permits({ type: 'api_key', id: all.id }, 'grant:manage')).toEqual([false]);
    expect(await permits({ type: 'api_key', id: one.id }, 'member:read')).toEqual([true]);
    expect(await permits({ type: 'api_key', id: one.id }, 'grant:manage')).toEqual([false]);
  });

  it('is shown once: nothing that is read later holds its token', async () => {
    const { id, token } = await own();
    const listed = await asAda(() => door().apiKeys.list({ holderType: 'user', holderId: ada }));
    expect(listed.items).toMatchObject([{ id, prefix: `bhkey_…${token.slice(-4)}` }]);
    expect(JSON.stringify(listed)).not.toContain(token.slice(6, 40));
    expect(JSON.stringify(await house.events())).not.toContain(token.slice(6, 40));
    const { rows } = await house.admin.query(
      'select s::text as text from bulkhead.api_key_secret s',
    );
    expect(JSON.stringify(rows)).not.toContain(token.slice(6, 40));
  });

  it('notes its last use, from where, in one write for many requests', async () => {
    const { id, token } = await own();
    const busy = house.another();
    for (let count = 0; count < 20; count += 1) await use(token, { ip: '198.51.100.4' }, busy);
    await busy.close();
    const { rows } = await house.admin.query(
      'select host(last_used_ip) as ip, clock_timestamp() - last_used_at < $2 as recent from bulkhead.api_key where id = $1',
      [id, '10 s'],
    );
    expect(rows).toEqual([{ ip: '198.51.100.4', recent: true }]);
  });

  it('is on record when it is made, rotated and withdrawn, and says nothing of its token', async () => {
    const { id } = await own({ expiresAt: '2999-01-01T00:00:00Z' });
    await asAda(() => door().apiKeys.rotate({ id }));
    await asAda(() => door().apiKeys.revoke({ id }));
    const told = (await house.events(house.acme.id)).filter(({ action }) =>
      String(action).startsWith('api_key.'),
    );
    expect(told).toMatchObject([
      { action: 'api_key.created', actor: `user:${ada}`, after: { name: 'ci' } },
      { action: 'api_key.rotated', metadata: { overlapSeconds: 86_400 } },
      { action: 'api_key.revoked', before: {}, after: { revokedAt: expect.any(String) } },
    ]);
  });
});

describe('rotating', () => {
  it('keeps the key and lets both tokens in until the overlap is over', async () => {
    const { id, token } = await own();
    const rotated = await asAda(() => door().apiKeys.rotate({ id, overlapHours: 1 }));
    expect(rotated).toMatchObject({ id });
    for (const text of [token, rotated.token]) {
      expect(await use(text)).toMatchObject({ actor: { id } });
    }
    await house.admin.query(
      `update bulkhead.api_key_secret set expires_at = clock_timestamp() where expires_at < 'infinity'`,
    );
    await expect(use(token, {}, house.another())).rejects.toEqual(invalid);
    expect(await use(rotated.token, {}, house.another())).toMatchObject({ actor: { id } });
  });

  it('at once, without an overlap, when it leaked', async () => {
    const { id, token } = await own();
    await asAda(() => door().apiKeys.rotate({ id, overlapHours: 0 }));
    await expect(use(token)).rejects.toEqual(invalid);
  });

  it('never leaves more than two tokens good', async () => {
    const { id, token } = await own();
    const tokens = [token];
    for (let count = 0; count < 3; count += 1) {
      tokens.push((await asAda(() => door().apiKeys.rotate({ id }))).token);
    }
    const good = await Promise.allSettled(tokens.map((text) => use(text)));
    expect(good.map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it('is what a key may do for itself, and no more: it makes no keys', async () => {
    const { id } = await own();
    const { token } = await asKey(id, () => door().apiKeys.rotate({ id }));
    expect(await use(token)).toMatchObject({ actor: { id } });
    await expect(asKey(id, () => door().apiKeys.create({ name: 'child' }))).rejects.toEqual(
      refusal('access.denied'),
    );
  });

  it('is killed in the middle, and the old token is good as before', async () => {
    const { id, token } = await own();
    const { hash, hint } = mintApiKey('bhkey');
    const context = await house.as(house.acme, ada, async () => house.bulkhead.context());
    expect(context.actor.id).toBe(ada);
    const victim = new pg.Client({ connectionString: house.database.superuserUrl });
    victim.on('error', () => undefined);
    await victim.connect();
    await victim.query('begin');
    await victim.query(
      `update bulkhead.api_key_secret set expires_at = clock_timestamp() where key_id = $1`,
      [id],
    );
    await victim.query(
      `insert into bulkhead.api_key_secret (tenant_id, key_id, hash, hint) values ($1, $2, $3, $4)`,
      [house.acme.id, id, hash, hint],
    );
    const { rows } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid');
    await house.admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await victim.end().catch(() => undefined);
    expect(await use(token)).toMatchObject({ actor: { id } });
  });
});

describe('nobody gets more through a key', () => {
  it('than they hold: an admin makes none for an owner’s robot', async () => {
    const { id } = await robot('owner');
    await expect(asAdmin(() => forRobot(id))).rejects.toEqual(refusal('access.exceeds_own'));
    await expect(asAdmin(() => forRobot(id, { permissions: ['tenant:close'] }))).rejects.toEqual(
      refusal('access.exceeds_own'),
    );
    expect(await asAdmin(() => forRobot(id, { permissions: ['member:read'] }))).toMatchObject({
      permissions: ['member:read'],
    });
  });

  it('than they hold, also where the robot holds it for a time', async () => {
    const owner = await house.person('owner', house.acme);
    const asOwner = <T>(fn: () => Promise<T>) => house.as(house.acme, owner, fn);
    const { id } = await robot('viewer');
    const key = await asOwner(() => forRobot(id));
    await asAdmin(() => door().apiKeys.rotate({ id: key.id }));
    const holder = { type: 'service_account', id } as const;
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await asOwner(() => house.bulkhead.access.grants.create({ holder, role: 'owner', expiresAt }));
    for (const attempt of [() => forRobot(id), () => door().apiKeys.rotate({ id: key.id })]) {
      await expect(asAdmin(attempt)).rejects.toEqual(refusal('access.exceeds_own'));
    }
  });

  it('whatever offset the moment of its end is told with', async () => {
    const { id } = await robot('viewer');
    const far = '2100-10-02T06:22:33+17:00';
    expect(await asAdmin(() => forRobot(id, { expiresAt: far }))).toMatchObject({
      expiresAt: '2100-10-01T13:22:33+00:00',
    });
    for (const expiresAt of ['0000-01-01T00:00:00Z', '0100-10-02T06:22:33+17:00']) {
      await expect(asAdmin(() => forRobot(id, { expiresAt }))).rejects.toMatchObject({
        code: expect.stringMatching(/input_invalid|api_key_expiry_invalid/),
      });
    }
  });

  it('by rotating a robot’s key that may more than they', async () => {
    const owner = await house.person('owner', house.acme);
    const { id } = await robot('owner');
    const key = await house.as(house.acme, owner, () => forRobot(id));
    await expect(asAdmin(() => door().apiKeys.rotate({ id: key.id }))).rejects.toEqual(
      refusal('access.exceeds_own'),
    );
    // Withdrawing it gives them nothing.
    expect(await asAdmin(() => door().apiKeys.revoke({ id: key.id }))).toMatchObject({
      id: key.id,
    });
  });

  it('by making or rotating one of another person’s', async () => {
    await expect(
      asAdmin(() => door().apiKeys.create({ name: 'x', holder: { type: 'user', id: ada } })),
    ).rejects.toEqual(refusal('identity.api_key_holder_invalid'));
    const { id } = await own();
    await expect(asAdmin(() => door().apiKeys.rotate({ id }))).rejects.toEqual(
      refusal('identity.api_key_holder_invalid'),
    );
  });

  it('who may not manage keys, than their own', async () => {
    const { id } = await robot();
    const theirs = await asAdmin(() => door().apiKeys.create({ name: 'x' }));
    await expect(asAda(() => forRobot(id))).rejects.toEqual(refusal('access.denied'));
    await expect(asAda(() => door().apiKeys.revoke({ id: theirs.id }))).rejects.toEqual(
      refusal('access.denied'),
    );
    await expect(asAda(() => door().apiKeys.list({}))).rejects.toEqual(refusal('access.denied'));
  });

  it('by holding on to it when what it acts for loses a role', async () => {
    const { id } = await robot('admin');
    const key = await asAdmin(() => forRobot(id));
    expect(await permits({ type: 'api_key', id: key.id }, 'grant:manage')).toEqual([true]);
    await house.admin.query('delete from bulkhead.access_grant where holder_id = $1', [id]);
    await house.admin.query('select bulkhead.access_changed($1)', [house.acme.id]);
    await forget();
    expect(await permits({ type: 'api_key', id: key.id }, 'grant:manage')).toEqual([false]);
  });
});

describe('within a second, in every process, a key is no good any more', () => {
  const gone = async (token: string, change: () => Promise<unknown>) => {
    const other = house.another();
    await use(token, {}, other);
    await change();
    await forget();
    return use(token, {}, other);
  };

  it('that was withdrawn, also by itself', async () => {
    const one = await own();
    await expect(
      gone(one.token, () => asAda(() => door().apiKeys.revoke({ id: one.id }))),
    ).rejects.toEqual(invalid);
    const two = await own();
    await expect(
      gone(two.token, () => asKey(two.id, () => door().apiKeys.revoke({ id: two.id }))),
    ).rejects.toEqual(invalid);
  });

  it('whose holder was suspended in the tenant, or disabled altogether', async () => {
    const { token } = await own();
    const suspend = () =>
      house.admin.query(`select bulkhead.access_member_suspend($1, 'system:test', 'user', $2)`, [
        house.acme.id,
        ada,
      ]);
    await expect(gone(token, suspend)).rejects.toEqual(invalid);
    const theirs = await asAdmin(() => door().apiKeys.create({ name: 'x' }));
    await expect(gone(theirs.token, () => door().users.disable(admin))).rejects.toEqual(invalid);
  });

  it('whose service account was disabled, until it is enabled; or deleted, for good', async () => {
    const { id } = await robot();
    const { token } = await asAdmin(() => forRobot(id));
    const disable = () => asAdmin(() => door().serviceAccounts.disable({ id }));
    await expect(gone(token, disable)).rejects.toEqual(invalid);
    await asAdmin(() => door().serviceAccounts.enable({ id }));
    expect(await use(token)).toMatchObject({ apiKey: { holder: { id } } });
    const remove = () => asAdmin(() => door().serviceAccounts.delete({ id }));
    await expect(gone(token, remove)).rejects.toEqual(invalid);
    expect((await asAdmin(() => door().serviceAccounts.list({}))).items).toEqual([]);
  });

  it('that has expired by the database’s clock, whatever this process believes', async () => {
    const { id, token } = await own({ expiresAt: '2999-01-01T00:00:00Z' });
    const expire = () =>
      house.admin.query(
        'update bulkhead.api_key set expires_at = clock_timestamp() where id = $1',
        [id],
      );
    await expect(gone(token, expire)).rejects.toEqual(invalid);
  });
});

describe('refuses', () => {
  it('what was mistyped or guessed, before the database is asked', async () => {
    const { token } = await own();
    const closed = house.another();
    await closed.close();
    for (const text of [
      `${token}x`,
      token.slice(0, -1),
      token.toUpperCase(),
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      `bhkey_${'0'.repeat(49)}`,
      "bhkey_' or true --",
      '',
    ]) {
      // Without a connection: only what asks could fail in another way.
      await expect(use(text, {}, closed)).rejects.toEqual(invalid);
    }
  });

  it('a well-formed token that nobody was given, in the same words', async () => {
    await expect(use(mintApiKey('bhkey').token)).rejects.toEqual(invalid);
  });

  it('two credentials at once, and two keys in one header', async () => {
    const one = await own();
    const two = await own();
    await expect(
      house.admit({
        headers: { 'x-api-key': one.token, authorization: `Bearer ${two.token}` },
      }),
    ).rejects.toEqual(refusal('identity.credentials_ambiguous'));
    await expect(use(`${one.token}, ${two.token}`)).rejects.toEqual(invalid);
    await expect(
      house.admit({ headers: { authorization: `Bearer ${one.token}, Bearer ${two.token}` } }),
    ).rejects.toEqual(invalid);
  });

  it('a permission that is not there, a node of another tenant, an end that has passed', async () => {
    await expect(own({ permissions: ['nothing:at_all'] })).rejects.toEqual(
      refusal('access.permission_unknown'),
    );
    await expect(own({ nodes: [house.globex.id] })).rejects.toEqual(refusal('access.node_absent'));
    await expect(own({ expiresAt: '2020-01-01T00:00:00Z' })).rejects.toEqual(
      refusal('identity.api_key_expiry_invalid'),
    );
  });

  it('another tenant’s key and service account, which answer like absent ones', async () => {
    const { id } = await own();
    const account = await robot();
    const stranger = await house.person('owner', house.globex);
    const there = <T>(fn: () => Promise<T>) => house.as(house.globex, stranger, fn);
    await expect(there(() => door().apiKeys.revoke({ id }))).rejects.toEqual(
      refusal('identity.api_key_absent'),
    );
    await expect(there(() => door().serviceAccounts.delete({ id: account.id }))).rejects.toEqual(
      refusal('identity.service_account_absent'),
    );
    await expect(there(() => forRobot(account.id))).rejects.toEqual(
      refusal('identity.api_key_holder_invalid'),
    );
    expect((await there(() => door().apiKeys.list({}))).items).toEqual([]);
  });

  it('the hundred and first key of one holder', async () => {
    await house.admin.query(
      `insert into bulkhead.api_key (tenant_id, holder_type, holder_id, name, created_by)
       select $1, 'user', $2, 'k' || n, 'system:test' from generate_series(1, 100) n`,
      [house.acme.id, ada],
    );
    await expect(own()).rejects.toEqual(refusal('identity.api_key_too_many'));
  });

  it('to show the app’s role a secret’s hash', async () => {
    const { token } = await own();
    await expect(
      house.as(house.acme, ada, async () => {
        const pool = house.bulkhead.protect(
          new pg.Pool({ connectionString: house.database.appUrl }),
        );
        return pool.query('select hash from bulkhead.api_key_secret where hash = $1', [
          hashApiKey(token),
        ]);
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/42501|isolation\./) });
  });
});

describe('the policy of a tenant', () => {
  it('keeps out keys from elsewhere, old ones and those that carry too much', async () => {
    const { id, token } = await own({ permissions: ['member:read'] });
    const wide = await own();
    await house.admin.query(
      `insert into bulkhead.tenant_policy (tenant_id, kind, version, body, set_by)
       values ($1, 'api', 1, $2, 'system:test')`,
      [
        house.acme.id,
        { ipAllowlist: ['198.51.100.0/24'], keyAgeMaxDays: 90, scopesAllowed: ['member:read'] },
      ],
    );
    const here = { ip: '198.51.100.9' };
    expect(await use(token, here)).toMatchObject({ actor: { id } });
    await expect(use(token, { ip: '192.0.2.1' })).rejects.toMatchObject({ status: 403 });
    await expect(use(wide.token, here)).rejects.toMatchObject({ status: 403 });
    await house.admin.query(
      `update bulkhead.api_key set created_at = created_at - interval '91 days' where id = $1`,
      [id],
    );
    await forget();
    await expect(use(token, here)).rejects.toMatchObject({ status: 401 });
  });
});
