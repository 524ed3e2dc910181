/** The people and service accounts of one organization, what they may do, and how to keep one out. */
import { useInfiniteQuery, useQueries, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import { useRows } from '../../api/rows.ts';
import type { Grant, Member, Page } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Id } from '../../parts/copy.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Filters, SearchBox } from '../../parts/filters.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreRows } from '../../parts/more-rows.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { Facts, Part, SidePanel } from '../../parts/side-panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { useMay } from '../../session/session.ts';
import { askedMembers } from '../asked.ts';
import { PersonGrants } from './person-grants.tsx';
import { underName } from './under-name.ts';

const NONE: readonly Page<Member>[] = [];
const keyOf = (member: Member): string => `${member.type}:${member.id}`;

export function PeoplePage() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant/people' });
  const search = useSearch({ from: '/shell/tenants/$tenant/people' });
  const navigate = useNavigate({ from: '/tenants/$tenant/people' });
  const found = useInfiniteQuery(askedMembers(tenant, search));
  const rows = useRows(found.data);
  const total = found.data?.pages[0]?.total ?? rows.length;
  const suspended = rows.filter((row) => row.status === 'suspended').length;
  const mayInvite = useMay('member:invite');
  const rolesOf = useRolesOf(tenant, found.data?.pages);
  const selected = rows.find((row) => keyOf(row) === search.person);
  const open = useCallback(
    (person: string) => void navigate({ search: (before) => ({ ...before, person }) }),
    [navigate],
  );
  const columns = useMemo(() => columnsOf(open, rolesOf), [open, rolesOf]);
  return (
    <>
      <SentenceHeader
        place={`People of ${tenant}`}
        sentence={found.isPending ? 'People' : `${count(total, 'member')} in ${tenant}`}
        meta={
          suspended > 0
            ? `${count(suspended, 'of them is', 'of them are')} suspended and refused everywhere.`
            : 'People and service accounts. A person is global, and in each organization a member with roles of their own.'
        }
        actions={
          mayInvite && (
            <Button
              look="main"
              icon="plus"
              onClick={() =>
                void navigate({
                  to: '/tenants/$tenant/invitations',
                  params: { tenant },
                  search: { new: '1' },
                })
              }
            >
              Invite somebody
            </Button>
          )
        }
      />
      <Filters>
        <SearchBox
          label="Find a person"
          value={search.q ?? ''}
          onChange={(q) =>
            void navigate({
              search: (before) => ({ ...before, q: q === '' ? undefined : q }),
              replace: true,
            })
          }
        />
      </Filters>
      {found.isPending && <Loading what="the people" rows={8} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && (
        <Empty>
          {search.q === undefined
            ? 'Nobody is in this organization yet. Invite the first person; whoever accepts appears here.'
            : 'Nobody is called that here.'}
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          caption={`People of ${tenant}`}
          columns={columns}
          rows={rows}
          rowKey={keyOf}
          isOld={found.isPlaceholderData}
          selected={search.person}
          goesOn={found.hasNextPage}
          total={total}
        />
      )}
      <MoreRows query={found} what="people" shown={rows.length} total={total} />
      {selected !== undefined && (
        <Person
          member={selected}
          roles={rolesOf(selected)}
          tenant={tenant}
          onClose={() => void navigate({ search: (before) => ({ ...before, person: undefined }) })}
        />
      )}
    </>
  );
}

function columnsOf(onOpen: (person: string) => void, rolesOf: RolesOf): readonly Column<Member>[] {
  return [
    {
      key: 'name',
      head: 'Name',
      cell: (row) => (
        <button type="button" data-opens title={row.name} onClick={() => onOpen(keyOf(row))}>
          {row.name}
        </button>
      ),
    },
    {
      key: 'email',
      head: 'E-mail',
      wide: true,
      cell: (row) => (
        <span className="soft" title={underName(row)}>
          {underName(row)}
        </span>
      ),
    },
    {
      key: 'roles',
      head: 'Roles',
      width: '28%',
      cell: (row) => <Roles of={rolesOf(row)} />,
    },
    {
      key: 'status',
      head: 'State',
      width: '120px',
      cell: (row) => (
        <StateMark state={row.status === 'active' ? 'proven' : 'quiet'} word={row.status} />
      ),
    },
    {
      key: 'since',
      head: 'Member since',
      width: '136px',
      wide: true,
      cell: (row) => <Moment at={row.createdAt} />,
    },
  ];
}

/** Nothing is said of roles before they are known. */
type RolesOf = (member: Member) => readonly string[] | undefined;

function Roles({ of: roles }: { readonly of: readonly string[] | undefined }) {
  if (roles === undefined) return <span className="faint">…</span>;
  return roles.join(', ') || <span className="faint">none</span>;
}

const answersOf = (found: readonly { readonly data: readonly Grant[] | undefined }[]) =>
  found.map(({ data }) => data);

/** The roles that were granted to somebody themself; what came through a group shows in the matrix. */
function useRolesOf(tenant: string, pages: readonly Page<Member>[] = NONE): RolesOf {
  const answers = useQueries({
    queries: pages.map(({ items }) => questions.grantsOf(tenant, items)),
    combine: answersOf,
  });
  return useMemo(() => {
    const byHolder = new Map<string, Set<string>>();
    for (const [at, { items }] of pages.entries()) {
      if (answers[at] === undefined) continue;
      for (const member of items) byHolder.set(keyOf(member), new Set());
    }
    for (const { holder, role } of answers.flatMap((answer) => answer ?? []))
      byHolder.get(`${holder.type}:${holder.id}`)?.add(role);
    return (member) => {
      const roles = byHolder.get(keyOf(member));
      return roles === undefined ? undefined : [...roles];
    };
  }, [pages, answers]);
}

function Person({
  member,
  roles,
  tenant,
  onClose,
}: {
  readonly member: Member;
  readonly roles: readonly string[] | undefined;
  readonly tenant: string;
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const mayManage = useMay('member:manage');
  const [isAsked, setAsked] = useState(false);
  const isActive = member.status === 'active';
  const way = isActive ? 'suspend' : 'restore';
  return (
    <SidePanel title={member.name} label={member.name} onClose={onClose}>
      <Facts
        items={[
          [
            'State',
            <StateMark key="state" state={isActive ? 'proven' : 'quiet'} word={member.status} />,
          ],
          member.email !== null && ['E-mail', member.email],
          ['Id', <Id key="id" value={member.id} of={member.type.replace('_', ' ')} />],
          ['Roles', roles === undefined ? '…' : roles.join(', ') || 'none: they may do nothing'],
          ['Member since', <Moment key="since" at={member.createdAt} />],
        ]}
      />
      <PersonGrants tenant={tenant} member={member} />
      <Part title="Look further">
        <p>
          <Link
            to="/tenants/$tenant/explain"
            params={{ tenant }}
            search={{ actor: `${member.type}:${member.id}` }}
          >
            What may they do, and why?
          </Link>
        </p>
        <p>
          <Link to="/audit" search={{ tenant, actor: [`${member.type}:${member.id}`] }}>
            What did they do?
          </Link>
        </p>
      </Part>
      {mayManage && (
        <div>
          <Button onClick={() => setAsked(true)}>
            {isActive ? 'Suspend …' : 'Let them in again …'}
          </Button>
        </div>
      )}
      {isAsked && (
        <Confirm
          title={isActive ? `Suspend ${member.name}` : `Let ${member.name} in again`}
          consequences={
            isActive
              ? `They are refused in ${tenant} at once, with every session and key of theirs. Their grants stay, so that letting them in again undoes this. Other organizations are not touched.`
              : `They can enter ${tenant} again, with the roles they had.`
          }
          action={isActive ? 'Suspend' : 'Let them in'}
          danger={isActive}
          run={async () => {
            await ask('post', `/tenants/{tenant}/members/{type}/{id}/${way}`, {
              path: { tenant, type: member.type, id: member.id },
            });
            await client.invalidateQueries();
          }}
          onClose={() => setAsked(false)}
        />
      )}
    </SidePanel>
  );
}
