/** Who may do what: the matrix of people and permissions, or the roles one by one. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { questions } from '../../api/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Filters, SearchBox } from '../../parts/filters.tsx';
import { Segments } from '../../parts/segments.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { useMay } from '../../session/session.ts';
import { EditRole } from './edit-role.tsx';
import { PermissionMatrix } from './permission-matrix.tsx';
import { rolesIn } from './role-holdings.ts';
import { RoleList } from './role-list.tsx';

export function RolesPage() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant/roles' });
  const search = useSearch({ from: '/shell/tenants/$tenant/roles' });
  const navigate = useNavigate({ from: '/tenants/$tenant/roles' });
  const roles = useQuery(questions.roles(tenant));
  const matrix = useQuery(questions.matrix(tenant));
  const items = rolesIn(roles.data);
  const own = items.filter((role) => !role.builtIn).length;
  const isList = search.view === 'roles';
  const mayManage = useMay('role:manage');
  const [isNew, setNew] = useState(false);
  return (
    <>
      <SentenceHeader
        place={`Roles of ${tenant}`}
        sentence={
          matrix.data === undefined
            ? 'Roles and permissions'
            : `${count(matrix.data.length, 'member')}, and what each may do`
        }
        meta={
          roles.isSuccess
            ? `${count(items.length, 'role')}, ${own === 0 ? 'all of them built in' : `${own} of its own`}. A filled square is a permission held; press it to be told what gave it.`
            : undefined
        }
        actions={
          mayManage && (
            <Button look="main" icon="plus" onClick={() => setNew(true)}>
              Make a role
            </Button>
          )
        }
      />
      {isNew && <EditRole tenant={tenant} roles={items} onClose={() => setNew(false)} />}
      <Filters>
        <Segments
          label="View"
          value={isList ? 'roles' : ''}
          options={[
            ['', 'Matrix'],
            ['roles', 'Roles'],
          ]}
          onChange={(view) =>
            void navigate({
              search: (before) => ({ ...before, view: view === '' ? undefined : view }),
            })
          }
        />
        {!isList && (
          <SearchBox
            label="Find a person or permission"
            value={search.q ?? ''}
            onChange={(q) =>
              void navigate({
                search: (before) => ({ ...before, q: q === '' ? undefined : q }),
                replace: true,
              })
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
          onSelect={(role) => void navigate({ search: (before) => ({ ...before, role }) })}
        />
      ) : (
        <Matrix tenant={tenant} sought={search.q ?? ''} />
      )}
    </>
  );
}

function Matrix({ tenant, sought }: { readonly tenant: string; readonly sought: string }) {
  const matrix = useQuery(questions.matrix(tenant));
  const catalogue = useQuery(questions.permissions(tenant));
  const failed = [matrix, catalogue].find((query) => query.isError);
  if (failed !== undefined)
    return <Failure error={failed.error} retry={() => void failed.refetch()} />;
  if (matrix.data === undefined || catalogue.data === undefined)
    return <Loading what="the matrix" height={400} />;
  if (matrix.data.length === 0)
    return <Empty>Nobody is in this organization yet, so nobody may do anything.</Empty>;
  return (
    <PermissionMatrix
      tenant={tenant}
      rows={matrix.data}
      permissions={catalogue.data.permissions}
      sought={sought}
    />
  );
}
