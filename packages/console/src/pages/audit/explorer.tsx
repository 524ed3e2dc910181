/** One log: its filters, its histogram, its events as they stream, and the one that is open. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { memo, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { useRows } from '../../api/rows.ts';
import type { AuditEvent } from '../../api/shapes.ts';
import { Histogram } from '../../charts/histogram.tsx';
import { useLive } from '../../live/live.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { MoreRows } from '../../parts/more-rows.tsx';
import { Segments } from '../../parts/segments.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import type { AuditSearch } from '../../search-params.ts';
import { askedLog } from '../asked.ts';
import css from './audit.module.css';
import { EventPanel } from './event-panel.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { chipsOf, rangeOf, SPAN_DEFAULT, spans } from './filters.ts';
import { QueryBar } from './query-bar.tsx';
import { nameOf } from './say-event.ts';

export interface ExplorerProps {
  readonly tenant: string;
  readonly search: AuditSearch;
  readonly chooser: ReactNode;
}

/** Of what the address says by then, which may be more than this page shows yet. */
type Change = (before: AuditSearch) => AuditSearch;

export function Explorer({ tenant, search, chooser }: ExplorerProps) {
  const navigate = useNavigate({ from: '/audit' });
  const go = useCallback((change: Change): void => void navigate({ search: change }), [navigate]);
  const now = useMinute();
  const asked = useMemo(() => askedLog(tenant, search, now), [tenant, search, now]);
  const events = useInfiniteQuery(asked.events);
  const histogram = useQuery(asked.histogram);
  const brush = useCallback(
    (from: string, to: string) => go((before) => ({ ...before, from, to, last: undefined })),
    [go],
  );
  const open = useCallback((event: string) => go((before) => ({ ...before, event })), [go]);
  const client = useQueryClient();
  const near = useRest((event: string) =>
    client.prefetchQuery(questions.eventProof(tenant, event)),
  );
  const [isExporting, setExporting] = useState(false);
  const rows = useRows(events.data);
  const range = rangeOf(search, now);
  const isFiltered = chipsOf(search).length > 0;
  const total = histogram.data?.total;
  const denied = histogram.data?.slots.reduce((sum, slot) => sum + slot.denied, 0) ?? 0;
  return (
    <>
      <SentenceHeader
        place={`Audit log of ${tenant}`}
        sentence={
          total === undefined
            ? 'The audit log'
            : `${count(total, 'event')} ${isFiltered ? 'found' : 'happened'}${search.from === undefined ? ` in the last ${spanWords(search.last)}` : ''}`
        }
        meta={
          total === undefined ? undefined : (
            <>
              {denied === 0
                ? 'None was denied.'
                : `${denied.toLocaleString('en')} of them ${denied === 1 ? 'was' : 'were'} denied.`}{' '}
              Each is sealed into a signed tree; open one to see its proof.
            </>
          )
        }
        actions={
          <>
            {chooser}
            <Button icon="download" onClick={() => setExporting(true)}>
              Export …
            </Button>
          </>
        }
      />
      <div className={css.head}>
        <QueryBar tenant={tenant} search={search} onChange={go} />
        <div className={css.range}>
          <Segments
            label="How far back"
            value={search.from === undefined ? (search.last ?? SPAN_DEFAULT) : ''}
            options={spans.map(([key, label]) => [key, label] as const)}
            onChange={(last) =>
              go((before) => ({ ...before, last, from: undefined, to: undefined }))
            }
          />
          <Range search={search} from={range.from} to={range.to} onChange={go} />
          <LiveTail tenant={tenant} search={search} onChange={go} />
        </div>
      </div>
      {histogram.data !== undefined && <Histogram data={histogram.data} onBrush={brush} />}
      {histogram.isPending && <Loading what="the shape of the log" height={116} />}
      {events.isError && <Failure error={events.error} retry={() => void events.refetch()} />}
      {events.isPending && <Loading what="the events" rows={10} />}
      {events.isSuccess && rows.length === 0 && (
        <Empty>
          {isFiltered
            ? 'Nothing in this stretch of time fits all of these filters. Remove one, or look further back.'
            : 'Nothing happened in this stretch of time.'}
        </Empty>
      )}
      {rows.length > 0 && (
        <Events
          rows={rows}
          selected={search.event}
          isOld={events.isPlaceholderData}
          goesOn={events.hasNextPage}
          total={total}
          onOpen={open}
          onNear={near}
        />
      )}
      <MoreRows query={events} what="events" shown={rows.length} total={total} />
      {search.event !== undefined && (
        <EventPanel
          tenant={tenant}
          id={search.event}
          known={rows.find((row) => row.id === search.event)}
          onClose={() => go((before) => ({ ...before, event: undefined }))}
          onFilter={(chip) => go((before) => ({ ...before, ...chip, event: undefined }))}
        />
      )}
      {isExporting && (
        <ExportDialog
          tenant={tenant}
          filter={asked.filter}
          total={total}
          onClose={() => setExporting(false)}
        />
      )}
    </>
  );
}

const spanWords = (last = SPAN_DEFAULT): string =>
  ({ '1h': 'hour', '24h': '24 hours', '7d': '7 days', '30d': '30 days' })[last] ?? last;

/** Moves each minute, so that "the last hour" stays the last hour without asking anew each second. */
function useMinute(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

interface EventsProps {
  readonly rows: readonly AuditEvent[];
  readonly selected: string | undefined;
  readonly isOld: boolean;
  readonly goesOn: boolean;
  readonly total: number | undefined;
  readonly onOpen: (id: string) => void;
  /** Somebody points at it: `undefined` when they no longer do. */
  readonly onNear: (id: string | undefined) => void;
}

const keyOf = ({ id }: AuditEvent): string => id;
const stateOf = ({ outcome }: AuditEvent): string | undefined =>
  outcome === 'denied' ? 'denied' : undefined;

const Events = memo(function Events(props: EventsProps) {
  const { rows, selected, isOld, goesOn, total, onOpen, onNear } = props;
  // The same ones each time, so that rows stay as they are.
  const columns = useMemo(() => columnsOf(onOpen, onNear), [onOpen, onNear]);
  return (
    <DataTable
      caption="Events, the newest first"
      columns={columns}
      rows={rows}
      rowKey={keyOf}
      selected={selected}
      rowState={stateOf}
      isOld={isOld}
      goesOn={goesOn}
      total={total}
    />
  );
});

const REST_MS = 60;

/** Does so for what the pointer rests on, and for nothing that it only passes over. */
function useRest(act: (id: string) => unknown): (id: string | undefined) => void {
  const latest = useRef(act);
  latest.current = act;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback((id) => {
    clearTimeout(timer.current);
    if (id !== undefined) timer.current = setTimeout(() => latest.current(id), REST_MS);
  }, []);
}

function columnsOf(
  onOpen: EventsProps['onOpen'],
  onNear: EventsProps['onNear'],
): readonly Column<AuditEvent>[] {
  return [
    {
      key: 'time',
      head: 'Time',
      width: '204px',
      narrowWidth: '140px',
      cell: (row) => (
        <span className="mono soft">
          <Moment at={row.time} exact />
        </span>
      ),
    },
    {
      key: 'action',
      head: 'What',
      cell: (row) => (
        <>
          <button
            type="button"
            data-opens
            onClick={() => onOpen(row.id)}
            onPointerEnter={() => onNear(row.id)}
            onPointerLeave={() => onNear(undefined)}
            onFocus={() => onNear(row.id)}
          >
            <Dotted name={row.action} />
          </button>
          {row.outcome !== 'success' && (
            <span data-narrow="true">
              {' '}
              <Outcome of={row.outcome} />
            </span>
          )}
        </>
      ),
    },
    { key: 'actor', head: 'Who', width: '18%', cell: (row) => nameOf(row.actor) },
    {
      key: 'target',
      head: 'To what',
      width: '20%',
      wide: true,
      cell: (row) => <span className="soft">{row.targets.map(nameOf).join(', ')}</span>,
    },
    {
      key: 'ip',
      head: 'From',
      width: '128px',
      wide: true,
      cell: (row) => <span className="mono faint">{row.ip ?? ''}</span>,
    },
    {
      key: 'outcome',
      head: 'Outcome',
      width: '104px',
      wide: true,
      cell: (row) => <Outcome of={row.outcome} />,
    },
  ];
}

function Outcome({ of }: { readonly of: AuditEvent['outcome'] }) {
  if (of === 'success') return <span className="faint">done</span>;
  return <StateMark state="attention" word={of === 'denied' ? 'denied' : 'failed'} size={8} />;
}

/** `invoice.paid`, which a narrow column breaks after the dot and nowhere else. */
function Dotted({ name }: { readonly name: string }) {
  const dot = name.indexOf('.') + 1;
  return (
    <>
      {name.slice(0, dot)}
      <wbr />
      {name.slice(dot)}
    </>
  );
}

interface ChangeProps {
  readonly search: AuditSearch;
  readonly onChange: (change: Change) => void;
}

/** New events come in by themselves while it is on; the stream says when to look. */
function LiveTail({ tenant, search, onChange }: ChangeProps & { readonly tenant: string }) {
  const client = useQueryClient();
  const isOn = search.live !== undefined;
  const refresh = useCallback(() => {
    if (isOn)
      void client.invalidateQueries({
        predicate: ({ queryKey }) =>
          String(queryKey[0]).startsWith(`tenants/${encodeURIComponent(tenant)}/events`) &&
          !String(queryKey[0]).endsWith('facets'),
      });
  }, [client, isOn, tenant]);
  useLive('activity', refresh);
  useLive('denial', refresh);
  return (
    <Button
      look={isOn ? 'main' : 'usual'}
      icon={isOn ? 'pause' : 'play'}
      aria-pressed={isOn}
      onClick={() => onChange((before) => ({ ...before, live: isOn ? undefined : '1' }))}
    >
      {isOn ? 'Following' : 'Follow live'}
    </Button>
  );
}

/** The brush's other half: the same two moments as fields. */
function Range({
  search,
  from,
  to,
  onChange,
}: ChangeProps & { readonly from: string; readonly to: string | undefined }) {
  const [isOpen, setOpen] = useState(false);
  const isCustom = search.from !== undefined;
  if (!isOpen && !isCustom) {
    return (
      <Button look="quiet" onClick={() => setOpen(true)}>
        From … to …
      </Button>
    );
  }
  const put = (name: 'from' | 'to', value: string): void => {
    const date = new Date(`${value}Z`);
    if (!Number.isNaN(date.getTime()))
      onChange((before) => ({ ...before, from, [name]: date.toISOString(), last: undefined }));
  };
  return (
    <span className={css.custom}>
      <label>
        <span className="hidden-visually">From, in UTC</span>
        <input
          type="datetime-local"
          step={1}
          value={from.slice(0, 19)}
          onChange={(event) => put('from', event.currentTarget.value)}
        />
      </label>
      <span className="faint">to</span>
      <label>
        <span className="hidden-visually">To, in UTC</span>
        <input
          type="datetime-local"
          step={1}
          value={(to ?? new Date().toISOString()).slice(0, 19)}
          onChange={(event) => put('to', event.currentTarget.value)}
        />
      </label>
      <span className="small faint">UTC</span>
      <Button
        look="quiet"
        onClick={() => {
          setOpen(false);
          onChange((before) => ({ ...before, from: undefined, to: undefined }));
        }}
      >
        Clear
      </Button>
    </span>
  );
}
