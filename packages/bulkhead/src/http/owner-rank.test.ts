/** What operators do to people's accounts ends at owners: of whatever tenant, and however they came to be one. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ACME, createControlGround, OPERATORS, PUBLIC_URL } from '#test/control-plane';
import { generateCredentialKey } from '../identity/index.ts';

const GROUP = '00000000-0000-4000-8000-00000000000a';
let ground: Awaited<ReturnType<typeof createControlGround>>;
let staff: Awaited<ReturnType<typeof person>>;

beforeEach(async () => {
  ground = await createControlGround({
    identity: { sessions: {}, credentialKeys: [generateCredentialKey()] },
  });
  for (const tenant of [ACME, OPERATORS]) {
    await ground.admin.query(
      `set role bulkhead;
       insert into bulkhead.role (tenant_id, key, name)
       values ('${tenant}', 'helper', 'H'), ('${tenant}', 'boss', 'B'), ('${tenant}', 'chief', 'C');
       insert into bulkhead.role_permission values ('${tenant}', 'helper', 'tenant:manage');
       insert into bulkhead.role_inherits values ('${tenant}', 'boss', 'owner'), ('${tenant}', 'chief', 'boss');
       insert into bulkhead.actor_group (tenant_id, id, name) values ('${tenant}', '${GROUP}', 'Board');
       reset role`,
    );
    await give(tenant, 'group', GROUP, 'owner');
  }
  staff = await person('staff@bulkhead.example');
  await join(OPERATORS, staff.id);
  await give(OPERATORS, 'user', staff.id, 'helper');
});

async function person(email: string) {
  const { users, sessions } = ground.bulkhead.identity;
  const { id } = await users.create({ email });
  await ground.admin.query(
    "insert into bulkhead.totp (user_id, sealed, confirmed_at) values ($1, decode(repeat('00', 40), 'hex'), now())",
    [id],
  );
  const session = await sessions.start(id, { methods: ['password', 'totp'], mfaAt: new Date() });
  const cookie = sessions.cookie.set(session.token, new URL(PUBLIC_URL).host).split(';', 1)[0];
  const headers = {
    origin: new URL(PUBLIC_URL).origin,
    'sec-fetch-site': 'same-origin',
    cookie: cookie ?? '',
    'x-csrf-token': sessions.csrf.tokenFor(`session ${session.id}`),
  };
  const act = async (path: string) => {
    const body = path.endsWith('/end') || path.endsWith('/enable') ? {} : { reason: 'a test' };
    const answer = await ground.ask(`/users/${path}`, { method: 'POST', body, headers });
    return answer.status === 200 ? 200 : (await answer.json()).code;
  };
  return { id, act };
}

const asSystem = (call: string) =>
  ground.admin.query(`set role bulkhead; select bulkhead.${call}; reset role`);
const join = (tenant: string, id: string) =>
  asSystem(`access_member_join('${tenant}', 'system:test', 'user', '${id}', 'Somebody', null)`);
const give = (tenant: string, kind: string, id: string, role: string) =>
  asSystem(
    `access_give('${tenant}', 'system:test', '${kind}', '${id}', '${role}', null, 'direct', null)`,
  );
const enterBoard = (tenant: string, id: string) =>
  ground.admin.query(
    `set role bulkhead; insert into bulkhead.group_member (tenant_id, group_id, type, id)
     values ('${tenant}', '${GROUP}', 'user', '${id}'); reset role`,
  );

const OPERATIONS = ['disable', 'sessions/end', 'factors/reset'];
let count = 0;
const somebody = () => {
  count += 1;
  return person(`owner${count}@acme.example`);
};

describe.each([
  ['themself', (tenant: string, id: string) => give(tenant, 'user', id, 'owner')],
  ['by a group', enterBoard],
  ['by a role that inherits', (tenant: string, id: string) => give(tenant, 'user', id, 'boss')],
  ['by one that inherits that', (tenant: string, id: string) => give(tenant, 'user', id, 'chief')],
])('who is an owner %s', (_how, make) => {
  it.each([
    ['a tenant', ACME],
    ['the operators', OPERATORS],
  ])('of %s is out of reach for an operator who merely manages tenants', async (_of, tenant) => {
    const ada = await somebody();
    await join(tenant, ada.id);
    await make(tenant, ada.id);
    for (const operation of OPERATIONS) {
      expect(await staff.act(`${ada.id}/${operation}`)).toBe('access.owner_protected');
    }
    const { users, sessions } = ground.bulkhead.identity;
    expect((await users.find({ id: ada.id }))?.status).toBe('active');
    expect(await sessions.list(ada.id)).toHaveLength(1);
    // The app itself may all; and letting in again takes nothing from anybody.
    await users.disable(ada.id);
    expect(await staff.act(`${ada.id}/enable`)).toBe(200);
  });

  it('of the operators reaches other owners', async () => {
    const [boss, ada] = [await somebody(), await somebody()];
    for (const tenant of [ACME, OPERATORS]) {
      await join(tenant, ada.id);
      await give(tenant, 'user', ada.id, 'owner');
    }
    await join(OPERATORS, boss.id);
    await make(OPERATORS, boss.id);
    for (const operation of ['sessions/end', 'factors/reset', 'disable']) {
      expect(await boss.act(`${ada.id}/${operation}`)).toBe(200);
    }
  });
});

it('lets an operator reach whoever owns nothing', async () => {
  const bob = await somebody();
  await join(ACME, bob.id);
  await give(ACME, 'user', bob.id, 'admin');
  for (const operation of ['sessions/end', 'factors/reset', 'disable', 'enable']) {
    expect(await staff.act(`${bob.id}/${operation}`)).toBe(200);
  }
});

it('records each attempt with its operation and whom it was aimed at', async () => {
  const owners = [await somebody(), await somebody()];
  for (const { id } of owners) {
    await join(ACME, id);
    await give(ACME, 'user', id, 'owner');
    for (const operation of OPERATIONS) await staff.act(`${id}/${operation}`);
  }
  const recorded = async () => {
    const { rows } = await ground.admin.query(
      `select event::text as event from bulkhead.audit_pending
        where event::text like '%access.owner_protected%'`,
    );
    return rows.map(({ event }) => String(event));
  };
  for (const { id } of owners) {
    for (const operation of ['user.disable', 'user.end_sessions', 'user.reset_factors']) {
      await expect
        .poll(
          async () =>
            (await recorded()).filter((text) => text.includes(operation) && text.includes(id))
              .length,
          { timeout: 10_000 },
        )
        .toBe(1);
    }
  }
  expect((await recorded()).join('')).not.toContain('"permission"');
});
