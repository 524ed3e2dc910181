/** The roles one by one, and of each what it holds itself and what it inherits. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Role } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Facts, Part, SidePanel } from '../../parts/side-panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { useMay } from '../../session/session.ts';
import { EditRole } from './edit-role.tsx';
import { holdsOf } from './role-holdings.ts';

export interface RoleListProps {
  readonly tenant: string;
  readonly roles: readonly Role[];
  readonly query: {
    readonly isPending: boolean;
    readonly isError: boolean;
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
  readonly selected: string | undefined;
  readonly onSelect: (role: string | undefined) => void;
}

export function RoleList({ tenant, roles, query, selected, onSelect }: RoleListProps) {
  const client = useQueryClient();
  const mayManage = useMay('role:manage');
  const [asked, setAsked] = useState<'edit' | 'delete'>();
  const grants = useQuery(questions.grants(tenant)).data;
  const holders = (key: string): string =>
    grants === undefined
      ? ''
      : grants.filter((grant) => grant.role === key).length.toLocaleString('en');
  const columns: readonly Column<Role>[] = [
    {
      key: 'name',
      head: 'Role',
      width: '22%',
      cell: (role) => (
        <button type="button" data-opens onClick={() => onSelect(role.key)}>
          {role.name}
        </button>
      ),
    },
    {
      key: 'description',
      head: 'What it is for',
      wide: true,
      cell: (role) => <span className="soft">{role.description}</span>,
    },
    {
      key: 'kind',
      head: 'Kind',
      width: '112px',
      cell: (role) => (role.builtIn ? <span className="faint">built in</span> : 'its own'),
    },
    {
      key: 'permissions',
      head: 'Permissions',
      width: '104px',
      align: 'right',
      cell: (role) => holdsOf(role.key, roles).length,
    },
    {
      key: 'holders',
      head: 'Granted',
      width: '88px',
      align: 'right',
      cell: (role) => holders(role.key),
    },
  ];
  const role = roles.find((one) => one.key === selected);
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Loading what="the roles" rows={6} />;
  return (
    <>
      <DataTable
        caption="Roles"
        columns={columns}
        rows={roles}
        rowKey={(one) => one.key}
        selected={selected}
      />
      {role !== undefined && (
        <SidePanel title={role.name} label={role.name} onClose={() => onSelect(undefined)}>
          {role.description !== '' && <p className="soft">{role.description}</p>}
          <Facts
            items={[
              ['Key', <code key="key">{role.key}</code>],
              role.kind !== null && ['Only on', role.kind],
              ['Inherits', role.inherits.join(', ') || 'nothing'],
            ]}
          />
          {mayManage && !role.builtIn && (
            <div style={{ display: 'flex', gap: 8 }}>
              <Button onClick={() => setAsked('edit')}>Edit …</Button>
              <Button onClick={() => setAsked('delete')}>Delete …</Button>
            </div>
          )}
          <Holdings role={role} roles={roles} />
        </SidePanel>
      )}
      {role !== undefined && asked === 'edit' && (
        <EditRole tenant={tenant} roles={roles} role={role} onClose={() => setAsked(undefined)} />
      )}
      {role !== undefined && asked === 'delete' && (
        <Confirm
          title={`Delete the role ${role.name}`}
          consequences="A role that somebody holds is not deleted: take it away from them first. This cannot be undone."
          action="Delete it"
          run={async () => {
            await ask('delete', '/tenants/{tenant}/roles/{key}', {
              path: { tenant, key: role.key },
            });
            onSelect(undefined);
            await client.invalidateQueries();
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

function Holdings({ role, roles }: { readonly role: Role; readonly roles: readonly Role[] }) {
  const all = holdsOf(role.key, roles);
  return (
    <Part title={count(all.length, 'permission')}>
      <ul>
        {all.toSorted().map((permission) => {
          const isOwn = role.permissions.includes(permission);
          return (
            <li key={permission}>
              <StateMark state={isOwn ? 'proven' : 'quiet'} size={8} word={permission} />
              {!isOwn && <span className="small faint"> inherited</span>}
            </li>
          );
        })}
      </ul>
    </Part>
  );
}
