/**
 * Every operation of a room, as everybody, in one's own tenant and with another's things, by the library's door;
 * a table written by hand says what must come. An operation without a line fails.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { ActionDefinitions, Actor, Bulkhead } from '../../packages/bulkhead/src/index.ts';
import type { OperationDefinition } from '../../packages/bulkhead/src/kernel/operation.ts';
import { ACME, type AuditApp, BORA } from './audit-app.ts';

export const everybody =
  'owner admin member viewer auditor billing nobody suspended stranger key system operator';

export interface Expected {
  /** Who may; all others are told `access.denied`. */
  readonly yes: string;
  /** What an owner is told who names another tenant's thing, or one that was never there. */
  readonly foreign?: string;
  /** What who may not is told, where it is not `access.denied`. */
  readonly no?: Readonly<Record<string, string>>;
}

/** What the library has for the rooms that such tables are about. */
export type Doors = Pick<Bulkhead, 'asTenant' | 'access' | 'identity' | 'policies' | 'close'>;

interface App extends Pick<AuditApp<ActionDefinitions>, 'admin' | 'events'> {
  readonly bulkhead: Doors;
}

export interface TableOptions<Things> {
  readonly app: App;
  readonly operations: readonly Pick<
    OperationDefinition<never>,
    'name' | 'kind' | 'permission' | 'event' | 'errors'
  >[];
  readonly expected: Readonly<Record<string, Expected>>;
  /** How each is called by the library's door. */
  readonly calls: Readonly<Record<string, (bulkhead: Doors, things: Things) => Promise<unknown>>>;
  /** Things of a tenant, made afresh. */
  makeThings(tenant: string): Promise<Things>;
  /** What looks like things and never was any. */
  readonly nothing: Things;
  /** Changes of which nothing comes here, so that there is no event. */
  readonly unheard?: readonly string[];
  /** Puts right what one operation did that all others would stumble over. */
  afterwards?(name: string): Promise<void>;
}

const SYSTEM: Actor = { type: 'system', id: 'test' };

/** Runs the table; returns what came otherwise than it says. */
export async function runTable<Things>(options: TableOptions<Things>): Promise<string[]> {
  const { app, operations, expected, calls, nothing } = options;
  const { bulkhead } = app;
  const names = operations.map(({ name }) => name).sort();
  expect(Object.keys(expected).sort()).toEqual(names);
  expect(Object.keys(calls).sort()).toEqual(names);
  const wrong: string[] = [];
  const answerOf = (tenant: string, actor: Actor, name: string, things: Things) =>
    bulkhead
      .asTenant(tenant, async () => calls[name]?.(bulkhead, things), { actor })
      .then(
        () => 'yes',
        (error: { code?: string; message: string }) => error.code ?? error.message,
      );
  const actors = new Map<string, Actor>();
  for (const column of everybody.split(' ')) actors.set(column, await makeActor(app, column));

  for (const { name, kind, event } of operations) {
    const line = expected[name];
    const yes = new Set(line?.yes.split(' '));
    let things = await options.makeThings(ACME);
    const stranger: Actor = { type: 'user', id: randomUUID(), name };
    for (const [column, known] of actors) {
      // A stranger of its own for each, so that each leaves a refusal of its own.
      const actor = column === 'stranger' ? stranger : known;
      const before = kind === 'change' ? (await changesOf(app)).length : 0;
      const answer = await answerOf(ACME, actor, name, things);
      const wanted = yes.has(column) ? 'yes' : (line?.no?.[column] ?? 'access.denied');
      if (answer !== wanted) wrong.push(`${name} as ${column}: ${answer}, not ${wanted}`);
      if (answer !== 'yes' || kind === 'read') continue;
      const told = (await changesOf(app)).slice(before);
      const change = told.find(({ action }) => action === event);
      if (options.unheard?.includes(name)) continue;
      if (change === undefined) wrong.push(`${name} as ${column}: no ${event}`);
      else if (change.before === undefined && change.after === undefined) {
        wrong.push(`${event}: neither before nor after`);
      }
      await options.afterwards?.(name);
      things = await options.makeThings(ACME);
    }

    // The owner of one tenant, in a context of the other: a stranger there.
    const theirs = await options.makeThings(BORA);
    const owner = actors.get('owner') ?? SYSTEM;
    const inside = await answerOf(BORA, owner, name, theirs);
    if (inside !== 'access.denied') wrong.push(`${name} inside another tenant: ${inside}`);
    if (line?.foreign === undefined) continue;
    for (const [what, given] of [
      ['foreign', theirs],
      ['absent', nothing],
    ] as const) {
      const answer = await answerOf(ACME, owner, name, given);
      if (answer !== line.foreign) wrong.push(`${name} with ${what} things: ${answer}`);
    }
  }
  await bulkhead.close();
  const denied = (await app.events())
    .filter(({ action }) => action === 'access.denied')
    .map(({ actor, metadata }) => `${actor.name} ${metadata?.permission} ${metadata?.code}`);
  for (const { name, permission } of operations) {
    const line = expected[name];
    if (line?.no?.stranger !== undefined) continue;
    const record = `${name} ${permission ?? name} access.denied`;
    if (!denied.includes(record)) wrong.push(`${name}: its denial is not on record`);
  }
  return wrong;
}

/** Events of changes, which commit with them; what the process records by itself comes in parcels. */
async function changesOf(app: App): Promise<Readonly<Record<string, unknown>>[]> {
  const { rows } = await app.admin.query<{ event: string }>(
    `select event from bulkhead.audit_pending where tenant_id = $1 and source = 'operator' order by seq`,
    [ACME],
  );
  return rows.map(({ event }) => JSON.parse(event));
}

/** Makes somebody in Acme who stands for a column of the table. */
async function makeActor(app: App, column: string): Promise<Actor> {
  const id = randomUUID();
  const { bulkhead } = app;
  const join = (member: string, role?: string): Promise<unknown> =>
    bulkhead.asTenant(
      ACME,
      async () => {
        await bulkhead.access.members.add({ type: 'user', id: member, name: column });
        if (role === undefined) return;
        await bulkhead.access.grants.create({ holder: { type: 'user', id: member }, role });
      },
      { actor: SYSTEM },
    );
  switch (column) {
    case 'system':
    case 'operator':
      return { type: column, id };
    case 'stranger':
      break;
    case 'key': {
      // For an owner, and limited to what no operation asks for.
      const holder = randomUUID();
      await join(holder, 'owner');
      await app.admin.query(
        `select bulkhead.access_delegate($1, $2, $3, 'user', $4, '{billing:read}', null, null)`,
        [ACME, `user:${holder}`, id, holder],
      );
      return { type: 'api_key', id };
    }
    case 'suspended':
      await join(id, 'admin');
      await bulkhead.asTenant(ACME, () => bulkhead.access.members.suspend({ type: 'user', id }), {
        actor: SYSTEM,
      });
      break;
    case 'nobody':
      await join(id);
      break;
    default:
      await join(id, column);
  }
  return { type: 'user', id };
}
