/** Changes of what stands in no tenant's own tables: made only while it is as it was read, where that is asked. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ACME, BORA, createControlGround, PUBLIC_URL } from '#test/control-plane';
import { generateCredentialKey } from '../../identity/index.ts';

const REFUSED = [412, 'http.precondition_failed'];
let ground: Awaited<ReturnType<typeof createControlGround>>;
let ada: { readonly id: string; readonly headers: Readonly<Record<string, string>> };

beforeEach(async () => {
  ground = await createControlGround({
    identity: { sessions: {}, credentialKeys: [generateCredentialKey()] },
  });
  const { users, sessions } = ground.bulkhead.identity;
  const { id } = await users.create({ email: 'ada@acme.example', name: 'Ada' });
  await joinAs(ACME, id, 'owner');
  const session = await sessions.start(id, { methods: ['password'] });
  const { host, origin } = new URL(PUBLIC_URL);
  ada = {
    id,
    headers: {
      origin,
      'sec-fetch-site': 'same-origin',
      cookie: sessions.cookie.set(session.token, host).split(';', 1)[0] ?? '',
      'x-csrf-token': sessions.csrf.tokenFor(`session ${session.id}`),
    },
  };
});

async function joinAs(tenant: string, id: string, role: string) {
  await ground.admin.query(`set role bulkhead;
    select bulkhead.access_member_join('${tenant}', 'system:test', 'user', '${id}', 'Ada', null);
    select bulkhead.access_give('${tenant}', 'system:test', 'user', '${id}', '${role}', null, 'direct', null);
    reset role`);
}

/** Where each is changed and read, by whom, and what it is called by then. */
const things = {
  'a tenant': {
    path: () => '/tenants/acme',
    as: 'operators-owner',
    nameIn: (body: Record<string, unknown>) => body.name,
    table: 'tenant',
    happening: () => joinAs(BORA, ada.id, 'viewer').then(() => joinAs(ACME, 'guest', 'viewer')),
  },
  'a user': {
    path: () => `/users/${ada.id}`,
    as: 'operators-owner',
    nameIn: (body: Record<string, unknown>) => body.name,
    table: 'user_account',
    happening: () => joinAs(BORA, ada.id, 'viewer'),
  },
  'one’s own profile': {
    path: () => '/me',
    as: undefined,
    nameIn: (body: Record<string, unknown>) => (body.actor as { name: unknown }).name,
    table: 'user_account',
    happening: () =>
      ground.admin.query("update bulkhead.tenant set name = 'Acme & Sons' where slug = 'acme'"),
  },
};

describe.each(Object.entries(things))('of %s', (_what, { path, as, nameIn, table, happening }) => {
  const credentials = () => (as === undefined ? ada.headers : {});
  const read = async () => {
    const answer = await ground.ask(path(), { as, headers: credentials() });
    return { etag: answer.headers.get('etag') ?? '', name: nameIn(await answer.json()) };
  };
  const rename = async (name: string, headers: Readonly<Record<string, string>>) => {
    const answer = await ground.ask(path(), {
      as,
      method: 'PATCH',
      body: { name },
      headers: { ...credentials(), ...headers },
    });
    return answer.status === 200 ? 200 : [answer.status, (await answer.json()).code];
  };

  it('of several who change what they all read, one changes it', async () => {
    const { etag } = await read();
    // All of them, as far as there are connections, wait for the row: none can have been through before another came.
    // Other test files' databases stand on the same server.
    await ground.admin.query(`begin; select from bulkhead.${table} for update`);
    const renames = Array.from({ length: 8 }, (_, n) => rename(`Name ${n}`, { 'if-match': etag }));
    const waiting = async () =>
      (
        await ground.admin.query(
          `select distinct pid from pg_locks where not granted and pid in (
             select pid from pg_locks
              where database = (select oid from pg_database where datname = current_database()))`,
        )
      ).rowCount;
    await expect
      .poll(waiting, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(4)
      .finally(() => ground.admin.query('commit'));
    const answers = await Promise.all(renames);
    expect(answers.filter((answer) => answer === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer !== 200)).toEqual(
      Array.from({ length: 7 }, () => REFUSED),
    );
    expect((await read()).name).toBe(`Name ${answers.indexOf(200)}`);
    expect(await rename('Late', { 'if-match': etag })).toEqual(REFUSED);
  });

  it('also where it is called the same again, and where the change would change nothing', async () => {
    const { etag, name } = await read();
    expect(await rename('Other', {})).toBe(200);
    expect(await rename(String(name), {})).toBe(200);
    expect(await rename(String(name), { 'if-match': etag })).toEqual(REFUSED);
    expect(await rename('Another', { 'if-match': etag })).toEqual(REFUSED);
  });

  it('a list of tags names several states, a star any, a weak or a foreign tag none', async () => {
    const { etag } = await read();
    const [before] = etag.slice(1).split('.', 1);
    expect(await rename('A', { 'if-match': `W/${etag}` })).toEqual(REFUSED);
    for (const foreign of [
      '"other"',
      '',
      ',',
      before ?? '',
      `"${before}"`,
      etag.slice(0, -1),
      etag.slice(1),
      '"."',
      '"%.x"',
    ]) {
      expect(await rename('A', { 'if-match': foreign })).toEqual(REFUSED);
    }
    expect(await rename('A', { 'if-match': `"other", ${etag}` })).toBe(200);
    expect(await rename('B', { 'if-match': ` ${etag} , W/"x"` })).toEqual(REFUSED);
    expect(await rename('B', { 'if-match': '*' })).toBe(200);
    expect((await read()).name).toBe('B');
  });

  it('what happens there is no change of it, but a change of what was read', async () => {
    const { etag } = await read();
    await happening();
    const headers = { ...credentials(), 'if-none-match': etag };
    expect((await ground.ask(path(), { as, headers })).status).toBe(200);
    expect(await rename('A', { 'if-match': etag })).toBe(200);
  });

  it('nothing is written by a change that is refused, and a repeated one is answered as before', async () => {
    const { etag } = await read();
    const once = { 'if-match': etag, 'idempotency-key': 'one' };
    expect(await rename('A', once)).toBe(200);
    expect(await rename('A', once)).toBe(200);
    expect(await rename('A', { ...once, 'if-match': '*' })).toEqual([
      422,
      'http.idempotency_key_reused',
    ]);
    const rows = () => ground.admin.query(`select * from bulkhead.${table} order by id`);
    const before = (await rows()).rows;
    expect(await rename('B', { 'if-match': etag })).toEqual(REFUSED);
    expect((await rows()).rows).toEqual(before);
  });
});

it('who may not change it, and who asks for what is not there, hears that and no more', async () => {
  const patch = async (path: string, as: string) => {
    const asked = { as, method: 'PATCH', body: { name: 'X' }, headers: { 'if-match': '"x"' } };
    const answer = await ground.ask(path, asked);
    return [answer.status, (await answer.json()).code];
  };
  expect(await patch('/tenants/acme', 'acme-viewer')).toEqual([403, 'access.denied']);
  expect(await patch('/tenants/bora', 'acme-owner')).toEqual([404, 'http.absent']);
  expect(await patch(`/users/${ada.id}`, 'operators-viewer')).toEqual([403, 'access.denied']);
  expect(await patch('/users/00000000-0000-4000-8000-00000000000f', 'operators-owner')).toEqual([
    404,
    'identity.user_absent',
  ]);
});

it('the library refuses the same, and any change makes another version', async () => {
  const { users } = ground.bulkhead.identity;
  const first = await users.find({ id: ada.id });
  const versions = [first?.version ?? ''];
  const renamed = await users.rename(ada.id, 'Countess', { versions });
  expect(renamed.version).not.toBe(first?.version);
  const conflict = { code: 'identity.version_conflict' };
  await expect(users.rename(ada.id, 'Late', { versions })).rejects.toMatchObject(conflict);
  await expect(users.rename(ada.id, 'Late', { versions: [] })).rejects.toMatchObject(conflict);
  const disabled = await users.disable(ada.id);
  expect(disabled.version).not.toBe(renamed.version);
  await expect(users.rename(ada.id, 'Late', { versions: [renamed.version] })).rejects.toMatchObject(
    conflict,
  );
  await users.rename(ada.id, 'Ada', { versions: [renamed.version, disabled.version] });
});
