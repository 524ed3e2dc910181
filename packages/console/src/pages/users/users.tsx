/** People's accounts across all organizations, for those who run the product: who they are, where, signed in how often. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import { useRows } from '../../api/rows.ts';
import type { User } from '../../api/shapes.ts';
import { announce } from '../../parts/announce.ts';
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
import { askedUsers } from '../asked.ts';

export function UsersPage() {
  const search = useSearch({ from: '/shell/users' });
  const navigate = useNavigate({ from: '/users' });
  const found = useInfiniteQuery(askedUsers(search));
  const rows = useRows(found.data);
  const open = useCallback(
    (user: string) => void navigate({ search: (before) => ({ ...before, user }) }),
    [navigate],
  );
  const columns = useMemo(() => columnsOf(open), [open]);
  return (
    <>
      <SentenceHeader
        place="Accounts"
        sentence="One account for a person, wherever they are a member"
        meta="An organization’s own administrators know members. Accounts are seen here alone, and no page shows or sets a password."
      />
      <Filters>
        <SearchBox
          label="Find by the whole address"
          value={search.email ?? ''}
          onChange={(email) =>
            void navigate({
              search: (before) => ({ ...before, email: email === '' ? undefined : email }),
              replace: true,
            })
          }
        />
      </Filters>
      {found.isPending && <Loading what="the accounts" rows={8} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && (
        <Empty command="npx bulkhead user create ada@acme.example --name 'Ada Okafor'">
          {search.email === undefined
            ? 'Nobody has an account yet. One is made when somebody accepts an invitation.'
            : 'Nobody has an account with that address.'}
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          caption="Accounts"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          isOld={found.isPlaceholderData}
          selected={search.user}
          goesOn={found.hasNextPage}
        />
      )}
      <MoreRows query={found} what="accounts" shown={rows.length} />
      {search.user !== undefined && (
        <UserPanel
          key={search.user}
          id={search.user}
          onClose={() => void navigate({ search: (before) => ({ ...before, user: undefined }) })}
        />
      )}
    </>
  );
}

/** What was taken away; one who had nothing is told from one who had. */
function sayFactors(
  whose: string,
  had: { readonly totp: boolean; readonly passkeys: number; readonly recoveryCodes: number },
): string {
  const parts = [
    ...(had.totp ? ['the authenticator'] : []),
    ...(had.passkeys > 0 ? [count(had.passkeys, 'passkey')] : []),
    ...(had.recoveryCodes > 0 ? [count(had.recoveryCodes, 'recovery code')] : []),
  ];
  return parts.length === 0
    ? `${whose} had no second factor.`
    : `Taken from ${whose}: ${parts.join(', ')}.`;
}

function columnsOf(onOpen: (user: string) => void): readonly Column<User>[] {
  return [
    {
      key: 'email',
      head: 'E-mail',
      cell: (row) => (
        <button type="button" data-opens title={row.email} onClick={() => onOpen(row.id)}>
          {row.email}
        </button>
      ),
    },
    {
      key: 'name',
      head: 'Name',
      width: '28%',
      wide: true,
      cell: (row) => <span title={row.name}>{row.name}</span>,
    },
    {
      key: 'status',
      head: 'State',
      width: '136px',
      cell: (row) => (
        <StateMark state={row.status === 'active' ? 'proven' : 'quiet'} word={row.status} />
      ),
    },
    {
      key: 'since',
      head: 'Since',
      width: '144px',
      wide: true,
      cell: (row) => <Moment at={row.createdAt} />,
    },
  ];
}

function UserPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const client = useQueryClient();
  const mayManage = useMay('tenant:manage');
  const user = useQuery(questions.user(id));
  const sessions = useQuery(questions.userSessions(id));
  const [asked, setAsked] = useState<'status' | 'sessions' | 'factors'>();
  const { data } = user;
  const title = data?.name || data?.email || 'An account';
  const isActive = data?.status === 'active';
  const open = sessions.data?.items.length ?? 0;
  return (
    <SidePanel title={title} label={title} onClose={onClose}>
      {user.isError && <Failure error={user.error} retry={() => void user.refetch()} />}
      {user.isPending && <Loading what="the account" rows={5} />}
      {data !== undefined && (
        <>
          <Facts
            items={[
              [
                'State',
                <StateMark key="state" state={isActive ? 'proven' : 'quiet'} word={data.status} />,
              ],
              ['E-mail', data.email],
              ['Verified', <Moment key="verified" at={data.emailVerifiedAt} never="not yet" />],
              ['Id', <Id key="id" value={data.id} of="account" />],
              ['Since', <Moment key="since" at={data.createdAt} />],
            ]}
          />
          <Part title="Member of">
            {data.tenants.length === 0 && <p className="soft">No organization.</p>}
            <ul>
              {data.tenants.map((tenant) => (
                <li key={tenant.id}>
                  <Link
                    to="/tenants/$tenant/people"
                    params={{ tenant: tenant.slug }}
                    search={{ person: `user:${data.id}` }}
                  >
                    {tenant.name}
                  </Link>{' '}
                  {tenant.membership !== 'active' && (
                    <span className="faint">{tenant.membership}</span>
                  )}
                </li>
              ))}
            </ul>
          </Part>
          <Part title="Signed in">
            {sessions.isError && (
              <Failure error={sessions.error} retry={() => void sessions.refetch()} />
            )}
            {sessions.isSuccess && open === 0 && <p className="soft">Nowhere now.</p>}
            <ul>
              {sessions.data?.items.map((session) => (
                <li key={session.id}>
                  {session.device}{' '}
                  <span className="small faint">
                    {session.ip ?? ''} seen <Moment at={session.lastSeenAt} />
                  </span>
                </li>
              ))}
            </ul>
          </Part>
          {mayManage && (
            <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
              {open > 0 && (
                <Button onClick={() => setAsked('sessions')}>
                  End {open === 1 ? 'the session' : `all ${open} sessions`} …
                </Button>
              )}
              <Button onClick={() => setAsked('factors')}>Take second factors away …</Button>
              <Button onClick={() => setAsked('status')}>
                {isActive ? 'Disable …' : 'Let them in again …'}
              </Button>
            </div>
          )}
          {asked === 'sessions' && (
            <Confirm
              title={`End the sessions of ${title}`}
              consequences={`${count(open, 'session')} ${open === 1 ? 'ends' : 'end'} at once, on every device and in every organization. They can sign in again.`}
              action="End them"
              run={async () => {
                await ask('post', '/users/{user}/sessions/end', { path: { user: data.id } });
                await client.invalidateQueries({ queryKey: [`users/${data.id}/sessions`] });
              }}
              onClose={() => setAsked(undefined)}
            />
          )}
          {asked === 'factors' && (
            <Confirm
              title={`Take every second factor from ${title}`}
              consequences="Their authenticator, passkeys and recovery codes are good no more, and every session of theirs ends. They sign in with the password and set up anew. This is what somebody pretending would ask for: know by other means who asks."
              action="Take them away"
              name={data.email}
              asksReason
              danger
              run={async (reason) => {
                const path = { user: data.id };
                const had = await ask('post', '/users/{user}/factors/reset', {
                  path,
                  body: { reason },
                });
                announce(sayFactors(title, had));
                await client.invalidateQueries({ queryKey: [`users/${data.id}/sessions`] });
              }}
              onClose={() => setAsked(undefined)}
            />
          )}
          {asked === 'status' && (
            <Confirm
              title={isActive ? `Disable ${title}` : `Let ${title} in again`}
              consequences={
                isActive
                  ? `They are shut out of ${count(data.tenants.length, 'organization')} at once and every session of theirs ends. Memberships and roles stay, so that letting them in again undoes this.`
                  : 'They can sign in again, with the memberships and roles that they had.'
              }
              action={isActive ? 'Disable' : 'Let them in'}
              name={isActive ? data.email : undefined}
              asksReason={isActive}
              danger={isActive}
              run={async (reason) => {
                const path = { user: data.id };
                await (isActive
                  ? ask('post', '/users/{user}/disable', { path, body: { reason } })
                  : ask('post', '/users/{user}/enable', { path }));
                await client.invalidateQueries();
              }}
              onClose={() => setAsked(undefined)}
            />
          )}
        </>
      )}
    </SidePanel>
  );
}
