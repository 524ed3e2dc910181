/** All organizations, found by name, sorted by what happens in them. */
import { TextInput } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ask } from '../../api/request.ts';
import { useRows } from '../../api/rows.ts';
import type { TenantRow } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Filters, SearchBox } from '../../parts/filters.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreRows } from '../../parts/more-rows.tsx';
import { Segments } from '../../parts/segments.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { useMay } from '../../session/session.ts';
import { askedTenants, orderOf } from '../asked.ts';

const columns: readonly Column<TenantRow>[] = [
  {
    key: 'name',
    head: 'Organization',
    sort: 'name',
    cell: (row) => (
      <Link to="/tenants/$tenant" params={{ tenant: row.slug }} data-opens title={row.name}>
        {row.name}
      </Link>
    ),
  },
  {
    key: 'slug',
    head: 'Slug',
    wide: true,
    width: '18%',
    cell: (row) => (
      <span className="mono soft" title={row.slug}>
        {row.slug}
      </span>
    ),
  },
  {
    key: 'status',
    head: 'State',
    width: '120px',
    wide: true,
    cell: (row) => (
      <StateMark state={row.status === 'active' ? 'proven' : 'quiet'} word={row.status} />
    ),
  },
  {
    key: 'members',
    head: 'People',
    align: 'right',
    width: '88px',
    wide: true,
    cell: (row) => row.members.toLocaleString('en'),
  },
  {
    key: 'events',
    head: 'Events, 24 h',
    align: 'right',
    width: '112px',
    sort: 'events',
    cell: (row) => row.events24h.toLocaleString('en'),
  },
  {
    key: 'denials',
    head: 'Denied',
    align: 'right',
    width: '88px',
    sort: 'denials',
    cell: (row) =>
      row.denials24h === 0 ? (
        <span className="faint">0</span>
      ) : (
        <StateMark state="attention" word={row.denials24h.toLocaleString('en')} size={8} />
      ),
  },
  {
    key: 'last',
    head: 'Last event',
    width: '136px',
    wide: true,
    cell: (row) => <Moment at={row.lastEventAt} />,
  },
];

export function TenantsPage() {
  const search = useSearch({ from: '/shell/tenants' });
  const navigate = useNavigate({ from: '/tenants' });
  const mayCreate = useMay('tenant:manage');
  const found = useInfiniteQuery(askedTenants(search));
  const rows = useRows(found.data);
  const total = found.data?.pages[0]?.total;
  const isFiltered = search.q !== undefined || search.status !== undefined;
  return (
    <>
      <SentenceHeader
        place="Organizations"
        sentence={sentenceOf(total ?? rows.length, isFiltered, found.isPending)}
        meta="Each is a compartment of its own: its rows, its people, its log. Slugs stay for ever, because addresses and tokens name them."
        actions={
          mayCreate && (
            <Button
              look="main"
              icon="plus"
              onClick={() => void navigate({ search: (before) => ({ ...before, new: '1' }) })}
            >
              Add an organization
            </Button>
          )
        }
      />
      <Filters>
        <SearchBox
          label="Find an organization"
          value={search.q ?? ''}
          onChange={(q) =>
            void navigate({
              search: (before) => ({ ...before, q: q === '' ? undefined : q }),
              replace: true,
            })
          }
        />
        <Segments
          label="State"
          value={search.status ?? ''}
          options={[
            ['', 'All'],
            ['active', 'Active'],
            ['suspended', 'Suspended'],
            ['closed', 'Closed'],
          ]}
          onChange={(status) =>
            void navigate({
              search: (before) => ({ ...before, status: status === '' ? undefined : status }),
              replace: true,
            })
          }
        />
      </Filters>
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Loading what="the organizations" rows={12} />}
      {found.isSuccess && rows.length === 0 && (
        <Empty
          command={
            isFiltered ? undefined : "npx bulkhead tenant create acme --name 'Acme Robotics'"
          }
        >
          {isFiltered
            ? 'No organization is called that. Its slug or a part of its name would do.'
            : 'There is no organization yet. Add one here, in a terminal, or from your own sign-up with bulkhead.tenants.create.'}
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          caption="Organizations"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          isOld={found.isPlaceholderData}
          goesOn={found.hasNextPage}
          total={total}
          sort={search.sort ?? 'name'}
          onSort={(sort) =>
            void navigate({
              search: (before) => ({
                ...before,
                sort: sort.includes('name') ? undefined : `-${orderOf(sort)}`,
              }),
              replace: true,
            })
          }
        />
      )}
      <MoreRows query={found} what="organizations" shown={rows.length} total={total} />
      {search.new !== undefined && (
        <AddTenant
          onClose={() => void navigate({ search: (before) => ({ ...before, new: undefined }) })}
        />
      )}
    </>
  );
}

function sentenceOf(total: number, isFiltered: boolean, isPending: boolean): string {
  if (isPending) return 'Organizations';
  if (isFiltered)
    return total === 0 ? 'No organization is called that' : `${count(total, 'organization')} found`;
  return total === 0
    ? 'Nobody is aboard yet'
    : `${count(total, 'organization')}, each behind its own walls`;
}

function AddTenant({ onClose }: { readonly onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [slug, setSlug] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const proposed = slug ?? slugOf(name);
  useEffect(() => setError(undefined), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    ask('post', '/tenants', { body: { slug: proposed, name } }).then(
      async (tenant) => {
        await client.invalidateQueries();
        await navigate({ to: '/tenants/$tenant', params: { tenant: tenant.slug } });
      },
      (problem: unknown) => {
        setError(problem);
        setBusy(false);
      },
    );
  };
  return (
    <Dialog label="Add an organization" onClose={onClose}>
      <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
        <h2>Add an organization</h2>
        <TextInput
          label="Name"
          value={name}
          maxLength={200}
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Slug"
          description="Stands in addresses and tokens, and never changes."
          value={proposed}
          maxLength={63}
          required
          spellCheck={false}
          onChange={(event) => setSlug(event.currentTarget.value)}
        />
        {error !== undefined && <Failure error={error} />}
        <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8 }}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit" busy={busy}>
            Add {name === '' ? 'it' : name}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
