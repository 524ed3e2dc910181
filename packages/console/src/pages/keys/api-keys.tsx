/** The keys of an organization: who holds them, when they were used, and how to make, replace and end one. */
import { NumberInput, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { pathOf, questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import { useRows } from '../../api/rows.ts';
import type { ApiKey } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { CodeBlock } from '../../parts/copy.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Dialog, inDialog } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreRows } from '../../parts/more-rows.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { useMay } from '../../session/session.ts';
import css from './keys.module.css';

export interface ListProps {
  readonly tenant: string;
  readonly isAdding: boolean;
  readonly onAdd: () => void;
  readonly onClose: () => void;
}

const DAY_MS = 86_400_000;
const OVERLAP_HOURS = 24;
type Made = ApiKey & { readonly token: string };

export function ApiKeys({ tenant, isAdding, onAdd, onClose }: ListProps) {
  const client = useQueryClient();
  const mayManage = useMay('api_key:manage');
  const found = useInfiniteQuery(questions.apiKeys(tenant));
  const [asked, setAsked] = useState<{ readonly what: 'end' | 'replace'; readonly key: ApiKey }>();
  const [made, setMade] = useState<Made>();
  const rows = useRows(found.data);
  const path = `${pathOf(tenant)}/api-keys`;
  const columns: readonly Column<ApiKey>[] = [
    { key: 'name', head: 'Name', cell: (row) => row.name },
    {
      key: 'prefix',
      head: 'Begins with',
      width: '16%',
      wide: true,
      cell: (row) => <span className="mono soft">{row.prefix}…</span>,
    },
    {
      key: 'holder',
      head: 'Acts for',
      width: '18%',
      cell: (row) => row.holder.name ?? row.holder.id,
    },
    {
      key: 'may',
      head: 'May',
      width: '14%',
      wide: true,
      cell: (row) => (
        <span className="soft" title={row.permissions?.join(', ')}>
          {row.permissions === null ? 'all they may' : row.permissions.join(', ')}
        </span>
      ),
    },
    {
      key: 'used',
      head: 'Last used',
      width: '128px',
      wide: true,
      cell: (row) => <Moment at={row.lastUsedAt} />,
    },
    { key: 'state', head: 'State', width: '160px', cell: (row) => <KeyState row={row} /> },
    {
      key: 'do',
      head: <span className="hidden-visually">Change</span>,
      width: '176px',
      align: 'right',
      cell: (row) =>
        mayManage &&
        row.revokedAt === null && (
          <>
            <Button look="quiet" onClick={() => setAsked({ what: 'replace', key: row })}>
              Replace …
            </Button>
            <Button look="quiet" onClick={() => setAsked({ what: 'end', key: row })}>
              End …
            </Button>
          </>
        ),
    },
  ];
  return (
    <>
      {mayManage && rows.length > 0 && (
        <p className={css.above}>
          <Button icon="plus" onClick={onAdd}>
            Make a key
          </Button>
        </p>
      )}
      {found.isPending && <Loading what="the keys" rows={5} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && (
        <Empty
          action={
            mayManage && (
              <Button look="main" icon="plus" onClick={onAdd}>
                Make a key
              </Button>
            )
          }
        >
          No program enters this organization with a key. A key is made for a service account, may
          carry fewer permissions than that, and ends when you say.
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          caption="API keys"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          goesOn={found.hasNextPage}
        />
      )}
      <MoreRows query={found} what="keys" shown={rows.length} />
      {isAdding && <MakeKey tenant={tenant} onMade={setMade} onClose={onClose} />}
      {asked?.what === 'end' && (
        <Confirm
          title={`End the key ${asked.key.name}`}
          consequences="Every program that uses it is refused at once. It cannot be undone; another key can be made."
          action="End it"
          name={asked.key.name}
          run={async () => {
            await ask('delete', '/tenants/{tenant}/api-keys/{id}', {
              path: { tenant, id: asked.key.id },
            });
            await client.invalidateQueries({ queryKey: [path] });
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked?.what === 'replace' && (
        <Confirm
          title={`Replace the secret of ${asked.key.name}`}
          consequences={`There is a new secret, and the old one is good for ${OVERLAP_HOURS} more hours, so that programs can change over.`}
          action="Make the new secret"
          danger={false}
          run={async () => {
            const next = await ask('post', '/tenants/{tenant}/api-keys/{id}/rotate', {
              path: { tenant, id: asked.key.id },
              body: { overlapHours: OVERLAP_HOURS },
            });
            await client.invalidateQueries({ queryKey: [path] });
            setMade(next);
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
      {made !== undefined && (
        <Dialog label="The key" onClose={() => setMade(undefined)}>
          <h2>{made.name}: copy its secret now</h2>
          <p className="soft">It is shown this once. What is kept of it is a hash.</p>
          <CodeBlock label="Authorization: Bearer" text={made.token} />
          <div className={css.actions}>
            <Button look="main" onClick={() => setMade(undefined)}>
              I have kept it
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function KeyState({ row }: { readonly row: ApiKey }) {
  if (row.revokedAt !== null) return <StateMark state="quiet" word="ended" />;
  if (row.expiresAt === null) return <StateMark state="proven" word="never ends" />;
  const isOver = new Date(row.expiresAt).getTime() < Date.now();
  return (
    <span>
      <StateMark state={isOver ? 'quiet' : 'proven'} word={isOver ? 'ended' : 'ends'} />{' '}
      <Moment at={row.expiresAt} />
    </span>
  );
}

function MakeKey({
  tenant,
  onMade,
  onClose,
}: {
  readonly tenant: string;
  readonly onMade: (key: Made) => void;
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const accounts = useInfiniteQuery(questions.serviceAccounts(tenant));
  const choices = (accounts.data?.pages.flatMap((page) => page.items) ?? []).filter(
    ({ status }) => status === 'active',
  );
  const [name, setName] = useState('');
  const [holder, setHolder] = useState<string | null>(null);
  const [days, setDays] = useState<number | string>(90);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holder === null || busy) return;
    setBusy(true);
    setError(undefined);
    const expiresAt =
      days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    const path = `${pathOf(tenant)}/api-keys`;
    ask('post', '/tenants/{tenant}/api-keys', {
      path: { tenant },
      body: { name, holder: { type: 'service_account', id: holder }, expiresAt },
    }).then(
      async (made) => {
        await client.invalidateQueries({ queryKey: [path] });
        onClose();
        onMade(made);
      },
      (problem: unknown) => {
        setError(problem);
        setBusy(false);
      },
    );
  };
  return (
    <Dialog label="Make a key" onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        <h2>Make a key for {tenant}</h2>
        <TextInput
          label="Name"
          placeholder="Nightly export"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="Acts for"
          description="It may what this service account may, and no more."
          placeholder={
            choices.length === 0 && accounts.isSuccess
              ? 'There is no service account yet; make one first'
              : 'Choose a service account'
          }
          data={choices.map((account) => ({ value: account.id, label: account.name }))}
          value={holder}
          onChange={setHolder}
          comboboxProps={inDialog}
        />
        <NumberInput
          label="Ends after, in days"
          description="Empty for never, where the policy allows it."
          min={1}
          max={3650}
          allowDecimal={false}
          hideControls
          value={days}
          onChange={setDays}
        />
        {error !== undefined && <Failure error={error} />}
        <div className={css.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="main"
            type="submit"
            busy={busy}
            disabled={name.trim() === '' || holder === null}
          >
            Make the key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
