/** Through the API too a tenant keeps an owner: also one by a role that inherits, and while that role is changed. */
import { beforeEach, expect, it } from 'vitest';
import { ACME, createControlGround } from '#test/control-plane';

const LAST = [409, 'access.last_owner'];
let ground: Awaited<ReturnType<typeof createControlGround>>;

/** `boss` inherits `owner`. The member is an owner by it, the viewer by a group that has it; the owner themself left. */
beforeEach(async () => {
  ground = await createControlGround();
  const send = async (as: string, method: string, path: string, body: object) => {
    const answer = await ground.ask(`/tenants/acme${path}`, { as, method, body });
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return answer.json();
  };
  const boss = { role: 'boss', node: ACME };
  await send('acme-owner', 'POST', '/roles', { key: 'boss', name: 'Boss', inherits: ['owner'] });
  const { id } = await send('acme-owner', 'POST', '/groups', { name: 'Board' });
  await send('acme-owner', 'POST', `/groups/${id}/members`, { members: [person('acme-viewer')] });
  await send('acme-owner', 'POST', '/grants', { holder: { type: 'group', id }, ...boss });
  await send('acme-owner', 'POST', '/grants', { holder: person('acme-member'), ...boss });
  await send('acme-owner', 'POST', '/members/leave', {});
});

const person = (id: string) => ({ type: 'user', id }) as const;
async function outcome(as: string, method: string, path: string, body: object = {}) {
  const answer = await ground.ask(`/tenants/acme${path}`, { as, method, body });
  return answer.ok ? 'done' : [answer.status, (await answer.json()).code];
}
const leave = (as: string) => outcome(as, 'POST', '/members/leave');
const demote = (as: string) => outcome(as, 'PATCH', '/roles/boss', { inherits: ['admin'] });
const owners = async () => {
  const { rows } = await ground.admin.query('select bulkhead.access_owners($1) as id', [ACME]);
  return rows.map(({ id }) => id).sort();
};

it('of the last two who leave at the same moment, one stays', async () => {
  expect(await owners()).toEqual(['acme-member', 'acme-viewer']);
  const answers = await Promise.all([leave('acme-member'), leave('acme-viewer')]);
  expect(answers).toContain('done');
  expect(answers).toContainEqual(LAST);
  expect(await owners()).toHaveLength(1);
});

it('the role stays that of an owner while nobody else is one, whoever asks, and for owners alone', async () => {
  expect(await demote('acme-admin')).toEqual([403, 'access.owner_protected']);
  expect(await demote('acme-member')).toEqual(LAST);
  expect(await demote('operators-owner')).toEqual(LAST);
  expect(await owners()).toEqual(['acme-member', 'acme-viewer']);
  const grant = { holder: person('acme-billing'), role: 'owner', node: ACME };
  expect(await outcome('acme-member', 'POST', '/grants', grant)).toBe('done');
  expect(await demote('acme-member')).toBe('done');
  expect(await owners()).toEqual(['acme-billing']);
});

it('who leaves while the role changes leaves somebody behind', async () => {
  const grant = { holder: person('acme-billing'), role: 'owner', node: ACME };
  expect(await outcome('acme-member', 'POST', '/grants', grant)).toBe('done');
  const answers = await Promise.all([demote('acme-member'), leave('acme-billing')]);
  expect(answers).toContain('done');
  expect(answers).toContainEqual(LAST);
  expect(await owners()).not.toEqual([]);
});
