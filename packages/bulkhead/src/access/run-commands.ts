/** What `bulkhead access …` does; loaded when one of them runs. */
import { withTenantStatements } from '../isolation/index.ts';
import { type CommandIo, type ExitCode, exitCodes } from '../kernel/command.ts';
import type { StatementPort } from '../kernel/operation.ts';
import { decisionOperations, type Explanation } from './operations/decisions.ts';
import { grantOperations } from './operations/grants.ts';
import { roleOperations } from './operations/roles.ts';
import type { Grant } from './operations/schemas.ts';

interface Named<T extends string> {
  readonly type: T;
  readonly id: string;
}

export function explainAccess(
  io: CommandIo,
  input: {
    tenant: string;
    actor: Named<'user' | 'service_account' | 'api_key' | 'system' | 'operator'>;
    permission: string;
    node?: string | undefined;
  },
): Promise<ExitCode> {
  return withAccess(io, input.tenant, async (ports) => {
    const { actor, permission, node } = input;
    const found = await decisionOperations.explain.run(ports, {
      actor,
      permission,
      ...(node !== undefined && { node }),
    });
    const who = `${actor.type}:${actor.id}`;
    io.line(
      found.permitted
        ? io.paint.ok(`${who} may ${permission}: ${REASONS[found.reason]}.`)
        : io.paint.fault(`${who} may not ${permission}: ${REASONS[found.reason]}.`),
    );
    showLines(io, found.grants, 'decides');
    showLines(io, found.near, 'hindrance');
    if (!found.permitted && found.rolesWith.length > 0)
      io.line(io.paint.faint(`Roles that hold it: ${found.rolesWith.join(', ')}.`));
    io.result(found);
    return found.permitted ? exitCodes.done : exitCodes.found;
  });
}

const REASONS: Readonly<Record<Explanation['reason'], string>> = {
  granted: 'it was granted',
  everything: 'this actor holds everything',
  no_membership: 'they are no member of the tenant',
  suspended: 'their membership is suspended',
  tenant_disabled: 'the tenant is disabled',
  key_absent: 'there is no such key',
  key_revoked: 'the key is revoked',
  key_expired: 'the key has expired',
  key_limited: 'the key is limited to other permissions',
  key_elsewhere: 'the key is limited to other nodes',
  node_absent: 'the tenant has no such node',
  expired: 'the grant has ended',
  elsewhere: 'it was granted elsewhere only',
  wrong_kind: 'the role is for another kind of node',
  not_granted: 'nothing grants it',
};

function showLines(
  io: CommandIo,
  lines: Explanation['grants'],
  last: 'decides' | 'hindrance',
): void {
  if (lines.length === 0) return;
  io.table(
    ['role', 'on', 'through', 'until', 'granted by', ...(last === 'hindrance' ? [last] : [])],
    lines.map((line) => [
      line.roles.join(' > '),
      line.nodeName ?? line.node,
      line.group === null ? '' : `group ${line.group.name}`,
      line.expiresAt ?? '',
      line.grantedBy,
      ...(last === 'hindrance' ? [line.hindrance ?? ''] : []),
    ]),
  );
}

export function showRoles(
  io: CommandIo,
  input: { tenant: string; role?: string | undefined },
): Promise<ExitCode> {
  return withAccess(io, input.tenant, async (ports) => {
    if (input.role !== undefined) {
      const role = await roleOperations.get.run(ports, { key: input.role });
      io.line(`${io.paint.strong(role.name)}  ${role.description}`.trimEnd());
      io.table(
        ['holds', 'by'],
        role.holds.map((name) => [
          name,
          role.builtIn || role.permissions.includes(name) ? '' : 'inherited',
        ]),
      );
      io.result(role);
      return exitCodes.done;
    }
    const items = await roleOperations.list.run(ports, {});
    io.table(
      ['role', 'name', 'made by', 'for', 'permissions', 'inherits'],
      items.map((role) => [
        role.key,
        role.name,
        role.builtIn ? 'built in' : 'the tenant',
        role.kind ?? 'every node',
        role.permissions.length.toLocaleString('en'),
        role.inherits.join(', '),
      ]),
      { whole: ['role'] },
    );
    io.result({ items });
    return exitCodes.done;
  });
}

export function showGrants(
  io: CommandIo,
  input: {
    tenant: string;
    holder?: Named<'user' | 'service_account' | 'group'> | undefined;
    role?: string | undefined;
    node?: string | undefined;
  },
): Promise<ExitCode> {
  return withAccess(io, input.tenant, async (ports) => {
    const { holder, role, node } = input;
    const items: Grant[] = [];
    let after: string | undefined;
    do {
      const page = await grantOperations.list.run(ports, {
        limit: 200,
        ...(after !== undefined && { after }),
        ...(holder !== undefined && { holders: [`${holder.type}:${holder.id}`] }),
        ...(role !== undefined && { role }),
        ...(node !== undefined && { node }),
      });
      items.push(...page.items);
      after = page.next ?? undefined;
    } while (after !== undefined);
    if (items.length === 0) io.line('Nothing of the kind was granted.');
    else {
      io.table(
        ['holder', 'role', 'node', 'until', 'granted by', 'grant'],
        items.map((grant) => [
          `${grant.holder.type}:${grant.holder.id}`,
          grant.role,
          grant.node,
          grant.expiresAt ?? '',
          grant.grantedBy,
          grant.id,
        ]),
      );
    }
    io.result({ items });
    return exitCodes.done;
  });
}

export function showPermissions(
  io: CommandIo,
  input: {
    tenant: string;
    actor?: Named<'user' | 'service_account'> | undefined;
    node?: string | undefined;
  },
): Promise<ExitCode> {
  return withAccess(io, input.tenant, async (ports) => {
    const { actor, node } = input;
    const catalogue = await roleOperations.permissions.run(ports, {});
    const held = actor === undefined ? null : await heldBy(ports, actor, node);
    const permissions = catalogue.permissions.filter(({ name }) => held?.has(name) !== false);
    io.table(
      ['permission', 'what it is for', 'dangerous'],
      permissions.map(({ name, description, dangerous }) => [
        name,
        description,
        dangerous ? io.paint.warning('yes') : '',
      ]),
      { whole: ['permission'] },
    );
    io.result({ permissions, kinds: catalogue.kinds });
    return exitCodes.done;
  });
}

/** What a member holds on a node, as the matrix has it. */
async function heldBy(
  ports: StatementPort,
  actor: Named<string>,
  node: string | undefined,
): Promise<ReadonlySet<string>> {
  let after: string | undefined;
  do {
    const page = await decisionOperations.matrix.run(ports, {
      limit: 200,
      ...(after !== undefined && { after }),
      ...(node !== undefined && { node }),
    });
    const row = page.items.find(
      ({ member }) => member.type === actor.type && member.id === actor.id,
    );
    if (row !== undefined) return new Set(row.holds);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return new Set();
}

function withAccess(
  io: CommandIo,
  tenant: string,
  work: (ports: StatementPort) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withTenantStatements(io, tenant, (query) => work({ query }));
}
