import { beforeEach, describe, expect, it } from 'vitest';
import { type House, OPERATORS_LOG, openHouse, refusal } from '../testdata/house.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
const users = () => house.bulkhead.identity.users;
const copies = async (id: string) =>
  (await house.admin.query('select name, email from bulkhead.membership where id = $1', [id])).rows;

describe('a user', () => {
  it('is one person, found by any spelling of their address', async () => {
    const ada = await users().create({ email: 'Ada@Bücher.example' });
    expect(ada).toMatchObject({
      email: 'ada@xn--bcher-kva.example',
      name: 'ada',
      status: 'active',
    });
    expect(await users().find({ email: ' ADA@xn--BCHER-kva.example' })).toEqual(ada);
    expect(await users().find({ id: ada.id })).toEqual(ada);
    expect(await users().find({ id: 'nobody' })).toBeNull();
    expect(await users().find({ email: 'eve@acme.example' })).toBeNull();
    await expect(users().create({ email: 'ada@BÜCHER.example' })).rejects.toEqual(
      refusal('identity.email_taken'),
    );
  });

  it('is made once by a hundred who try at once', async () => {
    const tries = Array.from({ length: 20 }, () => users().create({ email: 'ada@acme.example' }));
    const done = await Promise.allSettled(tries);
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('whose account is disabled is no owner that a tenant could be left to', async () => {
    const [ada, bob] = [
      await house.person('owner', house.acme),
      await house.person('owner', house.acme),
    ];
    const { members, grants } = house.bulkhead.access;
    const leave = () => house.as(house.acme, ada, () => members.leave({}));
    await users().disable(bob, { reason: 'left the company' });
    await expect(leave()).rejects.toEqual(refusal('access.last_owner'));
    await users().enable(bob);
    await users().disable(await house.person('owner', house.globex));
    await leave();

    const cleo = await house.person('member', house.globex);
    await users().disable(cleo);
    await house.as(house.acme, { type: 'system', id: 'import' }, async () => {
      await members.add({ type: 'user', id: cleo, name: 'Cleo' });
      await grants.create({ holder: { type: 'user', id: cleo }, role: 'owner' });
    });
    await expect(house.as(house.acme, bob, () => members.leave({}))).rejects.toEqual(
      refusal('access.last_owner'),
    );
  });

  it('who is an owner by a role that inherits counts as long as their account works', async () => {
    const { members, roles, grants } = house.bulkhead.access;
    const [ada, bob] = [
      await house.person('owner', house.acme),
      await house.person('viewer', house.acme),
    ];
    await house.as(house.acme, { type: 'system', id: 'import' }, async () => {
      await roles.create({ key: 'boss', name: 'Boss', inherits: ['owner'] });
      await grants.create({ holder: { type: 'user', id: bob }, role: 'boss' });
    });
    await users().disable(bob);
    await expect(house.as(house.acme, ada, () => members.leave({}))).rejects.toEqual(
      refusal('access.last_owner'),
    );
    await users().enable(bob);
    await house.as(house.acme, ada, () => members.leave({}));
    await expect(house.as(house.acme, bob, () => members.leave({}))).rejects.toEqual(
      refusal('access.last_owner'),
    );
  });

  it('has the same name and address in every membership', async () => {
    const id = await house.person('member', house.acme, house.globex);
    await users().rename(id, 'Ada Lovelace');
    const { token } = await users().startEmailChange(id, 'Countess@Acme.example');
    await house.admin.query(
      "insert into bulkhead.password_reset (hash, user_id, expires_at) values (sha256('x'), $1, 'infinity')",
      [id],
    );
    await users().finishEmailChange(token);
    // Mailed to the address before, and so for whoever reads it now.
    const links = await house.admin.query('select from bulkhead.password_reset');
    expect(links.rowCount).toBe(0);
    expect(await copies(id)).toEqual([
      { name: 'Ada Lovelace', email: 'countess@acme.example' },
      { name: 'Ada Lovelace', email: 'countess@acme.example' },
    ]);
    for (const { id: tenant } of [house.acme, house.globex]) {
      const told = (await house.events(tenant)).map(({ action }) => action);
      expect(told).toEqual(expect.arrayContaining(['user.renamed', 'user.email_changed']));
    }
  });

  it('without a tenant is told of in the operators’ log, with what is theirs marked so', async () => {
    const { id } = await users().create({ email: 'ada@acme.example', name: 'Ada' });
    const [event] = (await house.events(OPERATORS_LOG)).slice(-1);
    expect(event).toMatchObject({
      action: 'user.created',
      actor: 'system:app',
      after: { email: 'ada@acme.example', name: 'Ada' },
    });
    expect(event?.personal).toEqual([
      { path: '/after/email', subject: { type: 'user', id } },
      { path: '/after/name', subject: { type: 'user', id } },
    ]);
  });

  it.each(['', '   ', 'x'.repeat(201), 'a\u202eb', 'a\nb'])('is not called %j', async (name) => {
    const { id } = await users().create({ email: 'ada@acme.example' });
    await expect(users().rename(id, name)).rejects.toEqual(refusal('identity.user_fields_invalid'));
  });

  it('is listed in pages', async () => {
    for (const name of ['a', 'b', 'c']) await users().create({ email: `${name}@acme.example` });
    const first = await users().list({ limit: 2 });
    expect(first.users.map(({ email }) => email)).toEqual(['a@acme.example', 'b@acme.example']);
    const second = await users().list({ limit: 2, after: first.next ?? '' });
    expect(second).toMatchObject({ users: [{ email: 'c@acme.example' }], next: null });
  });
});

describe('a change of address', () => {
  it('holds only once the mail was read, once, and verifies the address', async () => {
    const { id } = await users().create({ email: 'ada@acme.example' });
    const { token } = await users().startEmailChange(id, 'ada@globex.example');
    expect(await users().find({ id })).toMatchObject({
      email: 'ada@acme.example',
      emailVerifiedAt: null,
    });
    expect(await users().finishEmailChange(token)).toMatchObject({
      email: 'ada@globex.example',
      emailVerifiedAt: expect.any(Date),
    });
    await expect(users().finishEmailChange(token)).rejects.toEqual(
      refusal('identity.link_invalid'),
    );
  });

  it('tells whoever asks nothing of whether the address is taken', async () => {
    const { id } = await users().create({ email: 'ada@acme.example' });
    await users().create({ email: 'eve@acme.example' });
    const taken = await users().startEmailChange(id, 'eve@acme.example');
    const free = await users().startEmailChange(id, 'new@acme.example');
    expect(Object.keys(taken)).toEqual(Object.keys(free));
    await expect(users().finishEmailChange(taken.token)).rejects.toEqual(
      refusal('identity.link_invalid'),
    );
  });

  it('to an address that was taken meanwhile is refused to whoever reads its mail', async () => {
    const { id } = await users().create({ email: 'ada@acme.example' });
    const { token } = await users().startEmailChange(id, 'eve@acme.example');
    await users().create({ email: 'eve@acme.example' });
    await expect(users().finishEmailChange(token)).rejects.toEqual(refusal('identity.email_taken'));
  });

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(44)])('is not finished by %j', async (token) => {
    await expect(users().finishEmailChange(token)).rejects.toEqual(
      refusal('identity.link_invalid'),
    );
  });

  it('is dead after an hour, and of a disabled user', async () => {
    const { id } = await users().create({ email: 'ada@acme.example' });
    const late = await users().startEmailChange(id, 'late@acme.example');
    await house.admin.query('update bulkhead.email_change set expires_at = clock_timestamp()');
    await expect(users().finishEmailChange(late.token)).rejects.toEqual(
      refusal('identity.link_invalid'),
    );
    const { token } = await users().startEmailChange(id, 'other@acme.example');
    await users().disable(id);
    await expect(users().finishEmailChange(token)).rejects.toEqual(
      refusal('identity.link_invalid'),
    );
  });
});

describe('without a connection for accounts', () => {
  it('says what is missing', async () => {
    const bulkhead = house.another({ accountsUrl: undefined, sessions: undefined });
    await expect(bulkhead.identity.users.list()).rejects.toEqual(
      refusal('identity.accounts_unconfigured'),
    );
  });
});
