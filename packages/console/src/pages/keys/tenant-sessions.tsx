/** Who is signed in to an organization, from where, and how to end that. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { pathOf, questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import { useRows } from '../../api/rows.ts';
import type { Session } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreRows } from '../../parts/more-rows.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { useMay } from '../../session/session.ts';

export function TenantSessions({ tenant }: { readonly tenant: string }) {
  const client = useQueryClient();
  const mayManage = useMay('session:manage');
  const found = useInfiniteQuery(questions.sessions(tenant));
  const [asked, setAsked] = useState<Session>();
  const rows = useRows(found.data);
  const path = `${pathOf(tenant)}/sessions`;
  const columns: readonly Column<Session>[] = [
    {
      key: 'who',
      head: 'Who',
      width: '22%',
      cell: (row) => (
        <Link
          to="/tenants/$tenant/people"
          params={{ tenant }}
          search={{ person: `user:${row.user.id}` }}
        >
          {row.user.name ?? row.user.id}
        </Link>
      ),
    },
    { key: 'device', head: 'On', cell: (row) => <span className="soft">{row.device}</span> },
    {
      key: 'ip',
      head: 'From',
      width: '128px',
      wide: true,
      cell: (row) => <span className="mono faint">{row.ip ?? ''}</span>,
    },
    {
      key: 'how',
      head: 'Second factor',
      width: '136px',
      wide: true,
      cell: (row) => (
        <StateMark state={row.mfa ? 'proven' : 'quiet'} word={row.mfa ? 'shown' : 'not shown'} />
      ),
    },
    {
      key: 'entered',
      head: 'Entered',
      width: '128px',
      wide: true,
      cell: (row) => <Moment at={row.enteredAt} />,
    },
    {
      key: 'seen',
      head: 'Last seen',
      width: '128px',
      cell: (row) => <Moment at={row.lastSeenAt} />,
    },
    {
      key: 'do',
      head: <span className="hidden-visually">End</span>,
      width: '88px',
      align: 'right',
      cell: (row) =>
        mayManage && (
          <Button look="quiet" onClick={() => setAsked(row)}>
            End …
          </Button>
        ),
    },
  ];
  const name = asked?.user.name ?? asked?.user.id ?? '';
  return (
    <>
      {found.isPending && <Loading what="the sessions" rows={6} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && (
        <Empty>Nobody is signed in here now. Whoever comes in appears here.</Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          caption="Sessions"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          goesOn={found.hasNextPage}
        />
      )}
      <MoreRows query={found} what="sessions" shown={rows.length} />
      {asked !== undefined && (
        <Confirm
          title={`End a session of ${name}`}
          consequences={`${name} is out of ${tenant} on ${asked.device} at once, and can sign in again.`}
          action="End it"
          run={async () => {
            await ask('delete', '/tenants/{tenant}/sessions/{id}', {
              path: { tenant, id: asked.id },
            });
            await client.invalidateQueries({ queryKey: [path] });
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}
