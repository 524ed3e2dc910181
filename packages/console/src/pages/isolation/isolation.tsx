/** The walls as the prover saw them: a map to walk or a list, and for each object its story, its SQL and its fix. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { type ComponentProps, useCallback, useEffect, useMemo, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { IsolationReport, ProvedObject } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Filters, SearchBox } from '../../parts/filters.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Segments } from '../../parts/segments.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { usePainted } from '../../parts/use-painted.ts';
import { useMap } from './load-map.ts';
import { ObjectPanel } from './object-panel.tsx';
import { stateOf, wordOf } from './verdicts.ts';

const NONE: readonly ProvedObject[] = [];
/** A map as wide as a phone would be read by nobody. */
const DEFAULT_VIEW = matchMedia('(max-width: 640px)').matches ? 'list' : 'map';

export function IsolationPage() {
  const search = useSearch({ from: '/shell/isolation' });
  const navigate = useNavigate({ from: '/isolation' });
  const report = useQuery({
    ...questions.isolation(),
    refetchInterval: (query) => (query.state.data?.running ? 1_500 : false),
  });
  const objects = report.data?.proof?.objects ?? NONE;
  // Kept between renderings: the map lays itself out anew for new ones.
  const shown = useMemo(
    () => select(objects, search.verdict, search.q),
    [objects, search.verdict, search.q],
  );
  const open = useCallback(
    (object: string) => void navigate({ search: (before) => ({ ...before, object }) }),
    [navigate],
  );
  const unfold = useCallback(
    (schema: string) => void navigate({ search: (before) => ({ ...before, q: `${schema}.` }) }),
    [navigate],
  );
  const chosen = objects.find((object) => object.object === search.object);
  const isList = (search.view ?? DEFAULT_VIEW) === 'list';
  const summary = report.data?.proof?.summary;
  return (
    <>
      <SentenceHeader
        place="Isolation"
        state={
          report.data === undefined
            ? undefined
            : summary === undefined
              ? 'unknown'
              : summary.leak > 0
                ? 'breach'
                : summary.unknown > 0
                  ? 'attention'
                  : 'proven'
        }
        sentence={report.data === undefined ? 'Isolation' : sentenceOf(report.data)}
        meta={report.data !== undefined && <Meta report={report.data} />}
        actions={<Prove isRunning={report.data?.running ?? false} />}
      />
      {report.isError && <Failure error={report.error} retry={() => void report.refetch()} />}
      {report.isPending && <Loading what="the last proof" height={480} />}
      {report.data !== undefined && report.data.proof === null && (
        <Empty command="npx bulkhead prove">
          The prover reads the catalog and works out what the app’s role can reach: every table,
          view, function and policy. It changes nothing, and says of each whether another
          organization’s row could come through.
        </Empty>
      )}
      {report.data?.proof != null && (
        <>
          <Filters>
            <Segments
              label="View"
              value={isList ? 'list' : 'map'}
              options={[
                ['map', 'Map'],
                ['list', 'List'],
              ]}
              onChange={(view) =>
                void navigate({
                  search: (before) => ({
                    ...before,
                    view: view === DEFAULT_VIEW ? undefined : view,
                  }),
                })
              }
            />
            <Segments
              label="Verdict"
              value={search.verdict ?? ''}
              options={[
                ['', 'All'],
                ['leak', `Leaks ${summary?.leak ?? 0}`],
                ['unknown', `Undecided ${summary?.unknown ?? 0}`],
                ['proven', `Proven ${summary?.proven ?? 0}`],
              ]}
              onChange={(verdict) =>
                void navigate({
                  search: (before) => ({
                    ...before,
                    verdict: verdict === '' ? undefined : verdict,
                  }),
                  replace: true,
                })
              }
            />
            <SearchBox
              label="Find a table, view or function"
              value={search.q ?? ''}
              onChange={(q) =>
                void navigate({
                  search: (before) => ({ ...before, q: q === '' ? undefined : q }),
                  replace: true,
                })
              }
            />
          </Filters>
          {shown.length === 0 && (
            <Empty>
              {search.verdict === 'leak'
                ? 'No leak: nothing of another organization can be read through anything the app’s role reaches.'
                : 'Nothing here has that verdict or name.'}
            </Empty>
          )}
          {shown.length > 0 && isList && (
            <List objects={shown} selected={search.object} onOpen={open} />
          )}
          {shown.length > 0 && !isList && (
            <MapWhenLoaded
              role={report.data.proof.role}
              objects={shown}
              edges={report.data.edges}
              selected={search.object}
              onOpen={open}
              onUnfold={search.q === undefined && search.verdict === undefined ? unfold : undefined}
            />
          )}
          {chosen !== undefined && (
            <ObjectPanel
              object={chosen}
              role={report.data.proof.role}
              onClose={() =>
                void navigate({ search: (before) => ({ ...before, object: undefined }) })
              }
            />
          )}
        </>
      )}
    </>
  );
}

function MapWhenLoaded(props: ComponentProps<NonNullable<ReturnType<typeof useMap>>>) {
  const Drawn = useMap();
  // What is true of the walls is read first.
  const isRead = usePainted();
  return Drawn === undefined || !isRead ? (
    <Loading what="the map" height={480} />
  ) : (
    <Drawn {...props} />
  );
}

function sentenceOf({ proof }: IsolationReport): string {
  if (proof === null) return 'Nothing is proven yet';
  const { leak, unknown, proven } = proof.summary;
  if (leak > 0)
    return `${count(leak, 'object')} ${leak === 1 ? 'lets' : 'let'} another organization’s rows through`;
  if (unknown > 0) return `No leak is known; ${count(unknown, 'object')} could not be decided`;
  return `All ${count(proven, 'object')} that the app can reach are proven`;
}

function Meta({ report }: { readonly report: IsolationReport }) {
  if (report.proof === null) return null;
  const { proof } = report;
  return (
    <>
      Proven <Moment at={report.provenAt} /> for the role <code>{proof.role}</code> of{' '}
      <code>{proof.database}</code>
      {report.schemaVersion !== null && (
        <>
          {' '}
          against schema <code>{report.schemaVersion}</code>
        </>
      )}
      .{proof.notSeen.length > 0 && ` ${count(proof.notSeen.length, 'thing')} no catalog can show.`}
    </>
  );
}

function Prove({ isRunning }: { readonly isRunning: boolean }) {
  const client = useQueryClient();
  const { hash } = useLocation();
  const navigate = useNavigate({ from: '/isolation' });
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const run = (): void => {
    setBusy(true);
    ask('post', '/isolation/proofs')
      .then(() => client.invalidateQueries(), setError)
      .finally(() => setBusy(false));
  };
  // The palette's command arrives as #prove.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each arrival
  useEffect(() => {
    if (hash !== 'prove') return;
    void navigate({ search: (before) => before, hash: '', replace: true });
    run();
  }, [hash]);
  return (
    <div>
      <Button look="main" icon="play" busy={isRunning || busy} onClick={run}>
        {isRunning ? 'Proving …' : 'Prove again'}
      </Button>
      {error !== undefined && <Failure error={error} />}
    </div>
  );
}

function select(
  objects: readonly ProvedObject[],
  verdict: string | undefined,
  sought = '',
): readonly ProvedObject[] {
  const rank = { leak: 0, unknown: 1, proven: 2 } as const;
  return objects
    .filter(
      (object) =>
        (verdict === undefined || object.verdict === verdict) &&
        object.object.toLowerCase().includes(sought.toLowerCase()),
    )
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict] || a.object.localeCompare(b.object));
}

function List({
  objects,
  selected,
  onOpen,
}: {
  readonly objects: readonly ProvedObject[];
  readonly selected: string | undefined;
  readonly onOpen: (object: string) => void;
}) {
  const columns: readonly Column<ProvedObject>[] = [
    {
      key: 'verdict',
      head: 'Verdict',
      width: '112px',
      narrowWidth: '104px',
      cell: (row) => <StateMark state={stateOf(row.verdict)} word={wordOf(row.verdict)} />,
    },
    {
      key: 'object',
      head: 'Object',
      width: '32%',
      cell: (row) => (
        <button type="button" data-opens className="mono" onClick={() => onOpen(row.object)}>
          {row.object}
        </button>
      ),
    },
    {
      key: 'type',
      head: 'Kind',
      width: '104px',
      wide: true,
      cell: (row) => <span className="soft">{row.type.replace('-', ' ')}</span>,
    },
    {
      key: 'why',
      head: 'Why',
      wide: true,
      cell: (row) => <span className="soft">{row.because ?? row.findings[0]?.why}</span>,
    },
  ];
  return (
    <DataTable
      caption="What the app can reach"
      columns={columns}
      rows={objects}
      rowKey={(row) => row.object}
      selected={selected}
      rowState={(row) => (row.verdict === 'leak' ? 'breach' : undefined)}
    />
  );
}
