/** The wall: views, policies, row-level security and grants, in one short transaction per table. */
import { protectedBy } from './catalog.ts';
import type { Draft, Subject } from './draft.ts';
import type { Step } from './plan.ts';
import { transitionNames } from './plan-column.ts';
import {
  displayName,
  displayRelation,
  qualified,
  quoteIdent,
  quoteLiteral,
  regclassOf,
} from './quote.ts';

const ROW_PRIVILEGES = ['select', 'insert', 'update', 'delete'];

export function planViews(draft: Draft, subject: Subject): void {
  for (const view of subject.table.views) {
    if (view.materialized || view.securityInvoker || view.system) continue;
    const id = `view:${displayRelation(view)}`;
    if (draft.steps.some((step) => step.id === id)) continue;
    draft.steps.push({
      id,
      stage: 'enforce',
      kind: 'transaction',
      table: displayRelation(view),
      title: 'the view reads as whoever asks',
      why: 'A view reads as its owner by default, past the policies. Now the app needs the right to read every table below it.',
      lock: 'ACCESS EXCLUSIVE on the view',
      lockedFor: 'milliseconds, catalog only',
      online: true,
      statements: [`alter view ${qualified(view)} set (security_invoker = on)`],
      done: `coalesce((select o.option_value::boolean from pg_catalog.pg_class c, pg_catalog.pg_options_to_table(c.reloptions) o where c.oid = ${regclassOf(view)} and o.option_name = 'security_invoker'), false)`,
    });
  }
}

export function planEnforcement(draft: Draft, subject: Subject): void {
  const { table, tenantColumn, label } = subject;
  const members = [
    table,
    ...table.partitions.flatMap((partition) => {
      const child = draft.catalog.tables.find((candidate) => candidate.oid === partition.oid);
      return child === undefined ? [] : [child];
    }),
  ];
  const open = members.filter(
    (member) => protectedBy(member) === undefined || !member.forceRowSecurity,
  );
  const excess =
    ['truncate', 'references', 'trigger'].some((p) =>
      members.some((m) => m.appPrivileges.includes(p)),
    ) || members.slice(1).some((partition) => partition.appPrivileges.length > 0);
  const { trigger, fn } = transitionNames(subject);
  const leftover = table.triggers.some((candidate) => candidate.name === trigger);
  if (open.length === 0 && !excess && !leftover && protectedBy(table) !== undefined) return;
  const app = quoteIdent(draft.catalog.appRoleName);
  const condition = `${quoteIdent(tenantColumn)} = (select bulkhead.tenant_id())`;
  const statements: string[] = [];
  // The partitions first: no moment in which only the parent is guarded.
  for (const member of [...members].reverse()) {
    const t = qualified(member);
    const ownPolicies =
      member.rowSecurity &&
      member.policies.some((p) => p.permissive && !p.name.startsWith('bulkhead_'));
    if (protectedBy(member) === undefined) {
      statements.push(`drop policy if exists bulkhead_tenant on ${t}`);
      if (!ownPolicies) {
        statements.push(
          `drop policy if exists bulkhead_open on ${t}`,
          `create policy bulkhead_open on ${t} as permissive for all to public using (true) with check (true)`,
        );
      }
      statements.push(
        `create policy bulkhead_tenant on ${t} as restrictive for all to public using (${condition}) with check (${condition})`,
      );
    }
    statements.push(`alter table ${t} enable row level security, force row level security`);
    statements.push(`revoke all on table ${t} from public`);
    if (member !== table) statements.push(`revoke all on table ${t} from ${app}`);
  }
  const t = qualified(table);
  const maintain = draft.catalog.serverVersion >= 170_000 ? ', maintain' : '';
  statements.push(`revoke truncate, references, trigger${maintain} on table ${t} from ${app}`);
  const held = ROW_PRIVILEGES.filter((privilege) => table.appPrivileges.includes(privilege));
  // Never wider than before; all four where the app had nothing, which is a table not yet in use.
  const granted = held.length > 0 || table.appColumnGrants ? held : ROW_PRIVILEGES;
  if (granted.length > 0) statements.push(`grant ${granted.join(', ')} on table ${t} to ${app}`);
  for (const sequence of table.sequences) {
    statements.push(
      `revoke all on sequence ${qualified(sequence)} from public, ${app}`,
      `grant usage on sequence ${qualified(sequence)} to ${app}`,
    );
  }
  statements.push(
    `drop trigger if exists ${quoteIdent(trigger)} on ${t}`,
    `drop function if exists ${fn}()`,
  );
  draft.steps.push({
    id: `${label}:enforce`,
    stage: 'enforce',
    kind: 'transaction',
    table: label,
    title: `raise the wall on ${displayName(table.name)}`,
    why:
      'From here on only the protected pool sees rows, each tenant its own. The tenant policy is restrictive, so ' +
      'no policy that comes later opens the table; forced, so it binds the owner too. What row-level security ' +
      'does not cover (TRUNCATE, REFERENCES, TRIGGER, direct access to partitions) is revoked.',
    lock: 'ACCESS EXCLUSIVE',
    lockedFor: 'milliseconds, catalog only',
    online: true,
    statements,
    done:
      members
        .map(
          (member) =>
            `exists (select from pg_catalog.pg_class c join pg_catalog.pg_policy p on p.polrelid = c.oid and p.polname = 'bulkhead_tenant' and not p.polpermissive and p.polcmd = '*' where c.oid = ${regclassOf(member)} and c.relrowsecurity and c.relforcerowsecurity)`,
        )
        .join('\n  and ') +
      `\n  and not exists (select from pg_catalog.pg_trigger where tgrelid = ${regclassOf(table)} and tgname = ${quoteLiteral(trigger)})` +
      members
        .map(
          (member) =>
            `\n  and not exists (select from pg_catalog.pg_roles r where r.rolname = ${quoteLiteral(draft.catalog.appRoleName)} and ${member === table ? `pg_catalog.has_table_privilege(r.oid, ${regclassOf(member)}::oid, 'truncate,references,trigger')` : `pg_catalog.has_table_privilege(r.oid, ${regclassOf(member)}::oid, 'select,insert,update,delete,truncate,references,trigger')`})`,
        )
        .join(''),
  } satisfies Step);
}
