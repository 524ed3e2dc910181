/** Turns a way and an operation into requests, and checks first that the way answers correctly. */
import type { Contender } from '../harness/rounds.ts';
import { NOTES_PER_PROJECT, NOTES_PER_TENANT, type Tenant } from './database.ts';
import type { Operation, Way } from './way.ts';

const PROJECTS = NOTES_PER_TENANT / NOTES_PER_PROJECT;
/** A prime, so that callers walk over the tenant's rows each on a path of its own. */
const STRIDE = 7919;

export function contenderOf(way: Way, operation: Operation, tenants: readonly Tenant[]): Contender {
  const tenantOf = (caller: number, turn: number): Tenant =>
    pick(tenants, way.oneTenant === true ? 0 : caller + turn);
  const request = {
    'read one row': async (caller: number, turn: number) => {
      const tenant = tenantOf(caller, turn);
      await way.readOne(tenant, pick(tenant.noteIds, caller * STRIDE + turn));
    },
    'read 20 rows': async (caller: number, turn: number) => {
      await way.readProject(tenantOf(caller, turn), (caller * STRIDE + turn) % PROJECTS);
    },
    insert: (caller: number, turn: number) => way.insert(tenantOf(caller, turn), `Draft ${turn}`),
  }[operation];
  return { key: way.key, request };
}

/** A way that is quick because it answers wrongly has no place in the table. */
export async function assertCorrect(way: Way, tenants: readonly Tenant[]): Promise<void> {
  for (const tenant of tenants.slice(0, 2)) {
    const title = await way.readOne(tenant, pick(tenant.noteIds, 17));
    if (title === undefined) throw new Error(`${way.key} does not find a note of its tenant`);
    const rows = await way.readProject(tenant, 3);
    if (rows !== NOTES_PER_PROJECT) throw new Error(`${way.key} reads ${rows} rows of a project`);
    await way.insert(tenant, 'Draft');
  }
  const foreign = pick(tenants, 1).noteIds[0] ?? '';
  if ((await way.readOne(pick(tenants, 0), foreign)) !== undefined) {
    throw new Error(`${way.key} reads another tenant's note`);
  }
}

function pick<T>(from: readonly T[], index: number): T {
  const value = from[index % from.length];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
