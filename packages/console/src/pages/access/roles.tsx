/** Who may do what: the matrix of people and permissions, or the roles one by one. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { questions } from '../../api/queries.ts';
import type { Role } from '../../api/shapes.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Filters, SearchBox, Segments } from '../../parts/filters.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { Facts, Part, SidePanel } from '../../parts/side-panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { PermissionMatrix } from './permission-matrix.tsx';

export function RolesPage() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant/roles' });
  const search = useSearch({ from: '/shell/tenants/$tenant/roles' });
  const navigate = useNavigate({ from: '/tenants/$tenant/roles' });
  const roles = useQuery(questions.roles(tenant));
  const matrix = useQuery(questions.matrix(tenant));
  const items = roles.data?.items ?? [];
  const own = items.filter((role) => !role.builtIn).length;
  const isList = search.view === 'roles';
  return (
    <>
      <SentenceHeader
        place={`Roles of ${tenant}`}
        sentence={
          matrix.data === undefined
            ? 'Roles and permissions'
            : `${count(matrix.data.members.length, 'person holds', 'people hold')} up to ${count(matrix.data.permissions.length, 'permission')}`
        }
        meta={
          roles.isSuccess
            ? `${count(items.length, 'role')}, ${own === 0 ? 'all of them built in' : `${own} of its own`}. A filled square is a permission held through a role; press it to be told which one gave it.`
            : undefined
        }
      />
      <Filters>
        <Segments
          label="View"
          value={isList ? 'roles' : ''}
          options={[
            ['', 'Matrix'],
            ['roles', 'Roles'],
          ]}
          onChange={(view) =>
            void navigate({ search: { ...search, view: view === '' ? undefined : view } })
          }
        />
        {!isList && (
          <SearchBox
            label="Find a person or permission"
            value={search.q ?? ''}
            onChange={(q) =>
              void navigate({ search: { ...search, q: q === '' ? undefined : q }, replace: true })
            }
          />
        )}
      </Filters>
      {isList ? (
        <RoleList
          tenant={tenant}
          roles={items}
          query={roles}
          selected={search.role}
          onSelect={(role) => void navigate({ search: { ...search, role } })}
        />
      ) : (
        <Matrix tenant={tenant} query={matrix} sought={search.q ?? ''} />
      )}
    </>
  );
}

function Matrix({
  tenant,
  query,
  sought,
}: {
  readonly tenant: string;
  readonly query: ReturnType<typeof useQuery<import('../../api/shapes.ts').Matrix>>;
  readonly sought: string;
}) {
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading what="the matrix" height={400} />;
  if (query.data.members.length === 0)
    return <Empty>Nobody is in this organization yet, so nobody may do anything.</Empty>;
  return <PermissionMatrix tenant={tenant} matrix={query.data} sought={sought} />;
}

interface RoleListProps {
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

function RoleList({ roles, query, selected, onSelect }: RoleListProps) {
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
      cell: (role) => role.effective.length,
    },
    {
      key: 'holders',
      head: 'Held by',
      width: '88px',
      align: 'right',
      cell: (role) => role.holders.toLocaleString('en'),
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
          <p className="soft">{role.description}</p>
          <Facts
            items={[
              ['Key', <code key="key">{role.key}</code>],
              ['Held by', count(role.holders, 'holder')],
              [
                'Inherits',
                role.inherits.length === 0 ? (
                  <span className="faint">nothing</span>
                ) : (
                  role.inherits.join(', ')
                ),
              ],
            ]}
          />
          <Part title={count(role.effective.length, 'permission')}>
            <ul>
              {role.effective.map((permission) => (
                <li key={permission}>
                  <StateMark
                    state={role.permissions.includes(permission) ? 'proven' : 'quiet'}
                    size={8}
                    word={permission}
                  />
                  {!role.permissions.includes(permission) && (
                    <span className="small faint"> inherited</span>
                  )}
                </li>
              ))}
            </ul>
          </Part>
        </SidePanel>
      )}
    </>
  );
}
