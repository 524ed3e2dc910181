/** Who was asked to come aboard, and what became of it. */
import { Select, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import { useRows } from '../../api/rows.ts';
import type { Invitation } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Dialog, inDialog } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreRows } from '../../parts/more-rows.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { useMay } from '../../session/session.ts';
import { holdsOf, rolesIn } from '../access/role-holdings.ts';

const states = {
  pending: 'unknown',
  accepted: 'proven',
  revoked: 'quiet',
  expired: 'quiet',
} as const;

export function InvitationsPage() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant/invitations' });
  const search = useSearch({ from: '/shell/tenants/$tenant/invitations' });
  const navigate = useNavigate({ from: '/tenants/$tenant/invitations' });
  const client = useQueryClient();
  const mayInvite = useMay('member:invite');
  const found = useInfiniteQuery(questions.invitations(tenant));
  const [revoking, setRevoking] = useState<Invitation>();
  const rows = useRows(found.data);
  const open = rows.filter((row) => row.status === 'pending').length;
  const columns: readonly Column<Invitation>[] = [
    { key: 'email', head: 'E-mail', cell: (row) => row.email },
    { key: 'role', head: 'Role', width: '16%', cell: (row) => row.role },
    {
      key: 'status',
      head: 'State',
      width: '120px',
      cell: (row) => <StateMark state={states[row.status]} word={row.status} />,
    },
    {
      key: 'by',
      head: 'Invited by',
      width: '20%',
      wide: true,
      cell: (row) => <span className="soft">{row.invitedBy ?? ''}</span>,
    },
    {
      key: 'expires',
      head: 'Expires',
      width: '136px',
      wide: true,
      cell: (row) => <Moment at={row.expiresAt} />,
    },
    {
      key: 'revoke',
      head: <span className="hidden-visually">Withdraw</span>,
      width: '112px',
      align: 'right',
      cell: (row) =>
        row.status === 'pending' &&
        mayInvite && (
          <Button look="quiet" onClick={() => setRevoking(row)}>
            Withdraw …
          </Button>
        ),
    },
  ];
  return (
    <>
      <SentenceHeader
        place={`Invitations of ${tenant}`}
        sentence={
          found.isPending
            ? 'Invitations'
            : open === 0
              ? 'Nobody has an open invitation'
              : `${open === 1 ? 'One person has' : `${open} people have`} not answered yet`
        }
        meta="An invitation is good for the address it was sent to, once, and never gives more than whoever sent it may give."
        actions={
          mayInvite && (
            <Button look="main" icon="plus" onClick={() => void navigate({ search: { new: '1' } })}>
              Invite somebody
            </Button>
          )
        }
      />
      {found.isPending && <Loading what="the invitations" rows={4} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && (
        <Empty>
          Nobody was invited yet. An invitation is a link by e-mail that makes somebody a member
          with one role.
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          caption="Invitations"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          goesOn={found.hasNextPage}
        />
      )}
      <MoreRows query={found} what="invitations" shown={rows.length} />
      {search.new !== undefined && (
        <Invite tenant={tenant} onClose={() => void navigate({ search: {} })} />
      )}
      {revoking !== undefined && (
        <Confirm
          title={`Withdraw the invitation of ${revoking.email}`}
          consequences="The link they were sent stops working at once. You can invite them again."
          action="Withdraw"
          run={async () => {
            await ask('delete', '/tenants/{tenant}/invitations/{id}', {
              path: { tenant, id: revoking.id },
            });
            await client.invalidateQueries();
          }}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </>
  );
}

function Invite({ tenant, onClose }: { readonly tenant: string; readonly onClose: () => void }) {
  const client = useQueryClient();
  const roles = rolesIn(useQuery(questions.roles(tenant)).data);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string | null>('member');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const chosen = roles.find((one) => one.key === role);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    if (role === null) return;
    ask('post', '/tenants/{tenant}/invitations', {
      path: { tenant },
      body: { email, role },
    }).then(
      async () => {
        await client.invalidateQueries();
        onClose();
      },
      (problem: unknown) => {
        setError(problem);
        setBusy(false);
      },
    );
  };
  return (
    <Dialog label="Invite somebody" onClose={onClose}>
      <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
        <h2>Invite somebody to {tenant}</h2>
        <TextInput
          label="E-mail"
          type="email"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Select
          label="Role"
          data={roles.map((one) => ({ value: one.key, label: one.name }))}
          value={role}
          onChange={setRole}
          allowDeselect={false}
          comboboxProps={inDialog}
        />
        {chosen !== undefined && (
          <p className="small soft">
            {chosen.description || `Holds ${holdsOf(chosen.key, roles).length} permissions.`}
          </p>
        )}
        {error !== undefined && <Failure error={error} />}
        <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8 }}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit" busy={busy} disabled={email === '' || role === null}>
            Send the invitation
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
