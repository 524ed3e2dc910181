/** Five seconds: are the tenants isolated, is the log whole, is something wrong, what waits for me. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { questions } from '../../api/queries.ts';
import type { DenialNotice, Overview } from '../../api/shapes.ts';
import { Ribbon } from '../../charts/ribbon.tsx';
import { listen, useLive } from '../../live/live.ts';
import { Moment } from '../../parts/moment.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { usePainted } from '../../parts/use-painted.ts';
import { useMe } from '../../session/session.ts';
import { Hull } from './hull.tsx';
import css from './overview.module.css';
import { headline, Sentences } from './sentences.tsx';

const HULL_HEIGHT = 368;
const DENIALS_SHOWN = 5;
const REFRESH_MS = 30_000;

export function OverviewPage() {
  const me = useMe();
  // Whoever administers nothing is here for what is their own.
  if (me.plane === 'tenant' && !me.permissions.includes('tenant:read'))
    return <Navigate to="/account" replace />;
  if (me.plane === 'tenant' && me.tenant !== null)
    return <Navigate to="/tenants/$tenant" params={{ tenant: me.tenant.slug }} replace />;
  return <OperatorsOverview />;
}

function OperatorsOverview() {
  const overview = useQuery({ ...questions.overview(), refetchInterval: REFRESH_MS });
  const hull = useQuery(questions.hull());
  // Its five thousand compartments come when the rest of the page stands.
  const drawn = usePainted() ? hull.data : undefined;
  useLiveOverview();
  useEffect(() => {
    document.title = 'Overview · Bulkhead';
  }, []);
  if (overview.isError)
    return <Failure error={overview.error} retry={() => void overview.refetch()} />;
  if (overview.data === undefined) return <Loading what="the overview" height={560} />;
  const { data } = overview;
  return (
    <div className={css.page}>
      <h1 id="page-title" tabIndex={-1} className={css.headline}>
        {headline(data)}
      </h1>
      <Sentences overview={data} />
      <div className={css.middle}>
        <section aria-label="The hull">
          {hull.isError && <Failure error={hull.error} retry={() => void hull.refetch()} />}
          {drawn === undefined && !hull.isError && <Loading what="the hull" height={HULL_HEIGHT} />}
          {hull.data?.ids.length === 0 && (
            <Empty command="npx bulkhead tenant create acme --name 'Acme Robotics'">
              The hull is empty: there is no organization yet. The first one you add becomes the
              first compartment.
            </Empty>
          )}
          {drawn !== undefined && drawn.ids.length > 0 && (
            <Hull hull={drawn} isBreached={data.isolation.leaks > 0} height={HULL_HEIGHT} />
          )}
          {hull.data !== undefined && hull.data.ids.length > 0 && <Legend />}
        </section>
        <aside className={css.side}>
          <Waiting overview={data} />
          <Denials initial={data.latestDenials} />
        </aside>
      </div>
      <Ribbon slots={data.activity} label="The last 24 hours" />
    </div>
  );
}

function Legend() {
  return (
    <p className={css.legend}>
      <span>
        <i className={css.quiet} /> quiet
      </span>
      <span>
        <i className={css.busy} /> busy
      </span>
      <span>
        <i className={css.hit} /> crossing denied today
      </span>
      <Link to="/tenants" search={{}}>
        The same as a list
      </Link>
    </p>
  );
}

function Waiting({ overview }: { readonly overview: Overview }) {
  const { waiting } = overview;
  return (
    <section className={css.block}>
      <h2>
        {waiting.length === 0
          ? 'Nothing waits for you'
          : waiting.length === 1
            ? 'One thing waits for you'
            : `${waiting.length} things wait for you`}
      </h2>
      <ul className={css.waiting}>
        {waiting.map((item) => (
          <li key={`${item.kind} ${item.href} ${item.title}`}>
            <a href={new URL(item.href.replace(/^\//, ''), document.baseURI).href}>
              <StateMark state={item.state} />
              <span className={css.what}>
                <span>{item.title}</span>
                <span className="small faint">
                  {item.detail} {item.since !== null && <Moment at={item.since} />}
                </span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Denials({ initial }: { readonly initial: readonly DenialNotice[] }) {
  const [fresh, setFresh] = useState<readonly DenialNotice[]>([]);
  useLive(
    'denial',
    useCallback(
      (notice: DenialNotice) => setFresh((before) => [notice, ...before].slice(0, DENIALS_SHOWN)),
      [],
    ),
  );
  const known = new Set(fresh.map((notice) => notice.id));
  const shown = [...fresh, ...initial.filter((notice) => !known.has(notice.id))].slice(
    0,
    DENIALS_SHOWN,
  );
  return (
    <section className={css.block}>
      <h2>Stopped at a wall</h2>
      {shown.length === 0 && (
        <p className="soft">
          Nobody has tried to cross. What is refused appears here as it happens.
        </p>
      )}
      <ul className={css.denials} data-live-denials>
        {shown.map((notice) => (
          <li key={notice.id} data-fresh={known.has(notice.id) || undefined}>
            <Link to="/audit" search={{ tenant: notice.tenant, outcome: ['denied'] }}>
              <span className={css.what}>
                <span>
                  {notice.tenantName}
                  {notice.count > 1 && (
                    <span className="faint"> × {notice.count.toLocaleString('en')}</span>
                  )}
                </span>
                <span className="small faint">{notice.path ?? notice.code ?? notice.action}</span>
              </span>
              <span className="small faint">
                <Moment at={notice.at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Numbers move with the stream between two answers; the next answer sets them right. */
function useLiveOverview(): void {
  const client = useQueryClient();
  useEffect(() => {
    const { queryKey } = questions.overview();
    const change = (update: (before: Overview) => Overview): void => {
      client.setQueryData<Overview>(queryKey, (before) =>
        before === undefined ? undefined : update(before),
      );
    };
    const ends = [
      listen('denial', (notice) =>
        change((before) => ({
          ...before,
          denials: {
            ...before.denials,
            lastHour: before.denials.lastHour + notice.count,
            last24Hours: before.denials.last24Hours + notice.count,
          },
          activity: atLast(before.activity, { events: 0, denials: notice.count }),
        })),
      ),
      listen('activity', (seen) =>
        change((before) => ({
          ...before,
          activity: atLast(before.activity, { events: seen.events, denials: 0 }),
        })),
      ),
      listen('log', (log) =>
        change((before) => ({
          ...before,
          log: { ...before.log, events: log.events, verifiedAt: log.verifiedAt },
        })),
      ),
      listen('proof', () => void client.invalidateQueries({ queryKey })),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [client]);
}

function atLast(
  slots: Overview['activity'],
  more: { events: number; denials: number },
): Overview['activity'] {
  const last = slots.at(-1);
  if (last === undefined) return slots;
  return [
    ...slots.slice(0, -1),
    { ...last, events: last.events + more.events, denials: last.denials + more.denials },
  ];
}
