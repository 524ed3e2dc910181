/** The programs that are members of an organization. */
import { TextInput } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { pathOf, questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import { useRows } from '../../api/rows.ts';
import type { ServiceAccount } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreRows } from '../../parts/more-rows.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { useMay } from '../../session/session.ts';
import type { ListProps } from './api-keys.tsx';
import css from './keys.module.css';

export function ServiceAccounts({ tenant, isAdding, onAdd, onClose }: ListProps) {
  const client = useQueryClient();
  const mayManage = useMay('service_account:manage');
  const found = useInfiniteQuery(questions.serviceAccounts(tenant));
  const [asked, setAsked] = useState<ServiceAccount>();
  const rows = useRows(found.data);
  const path = `${pathOf(tenant)}/service-accounts`;
  const columns: readonly Column<ServiceAccount>[] = [
    {
      key: 'name',
      head: 'Name',
      width: '26%',
      cell: (row) => (
        <Link
          to="/tenants/$tenant/people"
          params={{ tenant }}
          search={{ person: `service_account:${row.id}` }}
        >
          {row.name}
        </Link>
      ),
    },
    {
      key: 'description',
      head: 'What for',
      wide: true,
      cell: (row) => <span className="soft">{row.description}</span>,
    },
    {
      key: 'status',
      head: 'State',
      width: '128px',
      cell: (row) => (
        <StateMark state={row.status === 'active' ? 'proven' : 'quiet'} word={row.status} />
      ),
    },
    {
      key: 'since',
      head: 'Made',
      width: '136px',
      wide: true,
      cell: (row) => <Moment at={row.createdAt} />,
    },
    {
      key: 'do',
      head: <span className="hidden-visually">Change</span>,
      width: '136px',
      align: 'right',
      cell: (row) =>
        mayManage && (
          <Button look="quiet" onClick={() => setAsked(row)}>
            {row.status === 'active' ? 'Suspend …' : 'Let it in …'}
          </Button>
        ),
    },
  ];
  const isActive = asked?.status === 'active';
  return (
    <>
      {mayManage && rows.length > 0 && (
        <p className={css.above}>
          <Button icon="plus" onClick={onAdd}>
            Add a service account
          </Button>
        </p>
      )}
      {found.isPending && <Loading what="the service accounts" rows={4} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && (
        <Empty
          action={
            mayManage && (
              <Button look="main" icon="plus" onClick={onAdd}>
                Add a service account
              </Button>
            )
          }
        >
          No program is a member here. A service account lets one in with roles of its own, so that
          it needs no person’s key.
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          caption="Service accounts"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          goesOn={found.hasNextPage}
        />
      )}
      <MoreRows query={found} what="service accounts" shown={rows.length} />
      {isAdding && <AddAccount tenant={tenant} onClose={onClose} />}
      {asked !== undefined && (
        <Confirm
          title={isActive ? `Suspend ${asked.name}` : `Let ${asked.name} in again`}
          consequences={
            isActive
              ? 'It is refused at once with every key it holds. Its roles and keys stay, so that letting it in again undoes this.'
              : 'It can enter again with the keys and roles that it had.'
          }
          action={isActive ? 'Suspend' : 'Let it in'}
          danger={isActive}
          run={async () => {
            await ask(
              'post',
              `/tenants/{tenant}/service-accounts/{id}/${isActive ? 'disable' : 'enable'}`,
              { path: { tenant, id: asked.id } },
            );
            await client.invalidateQueries({ queryKey: [path] });
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

function AddAccount({ tenant, onClose }: Pick<ListProps, 'tenant' | 'onClose'>) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    const path = `${pathOf(tenant)}/service-accounts`;
    ask('post', '/tenants/{tenant}/service-accounts', {
      path: { tenant },
      body: { name, description },
    }).then(
      async () => {
        await client.invalidateQueries({ queryKey: [path] });
        onClose();
      },
      (problem: unknown) => {
        setError(problem);
        setBusy(false);
      },
    );
  };
  return (
    <Dialog label="Add a service account" onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        <h2>Add a service account to {tenant}</h2>
        <TextInput
          label="Name"
          placeholder="Billing sync"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="What for"
          maxLength={500}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <p className="small soft">It may do nothing before it is given a role.</p>
        {error !== undefined && <Failure error={error} />}
        <div className={css.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit" busy={busy} disabled={name.trim() === ''}>
            Add it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
