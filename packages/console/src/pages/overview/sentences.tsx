/** The overview in words: what is true of the walls, the log and the day. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Overview, State } from '../../api/shapes.ts';
import { Moment } from '../../parts/moment.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { count } from '../../parts/time.ts';
import css from './overview.module.css';

interface Sentence {
  readonly state: State;
  readonly title: string;
  readonly said: ReactNode;
  readonly link: ReactNode;
}

/** The page's first sentence: the worst that is true. */
export function headline({ isolation, log, denials }: Overview): string {
  if (isolation.leaks > 0)
    return `${count(isolation.leaks, 'hole')} in the walls. Nothing else matters more.`;
  if (log.whole === false) return 'The audit log does not hold. Look at it first.';
  if (isolation.provenAt === null) return 'Nothing is proven yet.';
  if (isolation.tenants === 0) return 'The walls stand, and nobody is aboard yet.';
  if (denials.lastHour > 0)
    return `The walls hold. ${count(denials.lastHour, 'crossing')} denied in the last hour.`;
  return 'All is well: the walls hold and the log is whole.';
}

export function Sentences({ overview }: { readonly overview: Overview }) {
  return (
    <ul className={css.sentences}>
      {[ofWalls(overview), ofLog(overview), ofDay(overview)].map(({ state, title, said, link }) => (
        <li key={title} data-state={state}>
          <h2>
            <StateMark state={state} size={12} /> {title}
          </h2>
          <p>{said}</p>
          <p className="small">{link}</p>
        </li>
      ))}
    </ul>
  );
}

function ofWalls({ isolation }: Overview): Sentence {
  const { leaks, unknown, tenants, proven, provenAt, schemaVersion } = isolation;
  const when = (
    <>
      Proven <Moment at={provenAt} />
      {schemaVersion !== null && (
        <>
          {' '}
          against schema <span className="mono nowrap">{schemaVersion}</span>
        </>
      )}
      .
    </>
  );
  if (provenAt === null) {
    return {
      state: 'unknown',
      title: 'No proof yet',
      said: 'Nobody has asked yet whether the walls hold.',
      link: (
        <Link to="/isolation" search={{}}>
          Prove the isolation
        </Link>
      ),
    };
  }
  if (leaks > 0) {
    return {
      state: 'breach',
      title: `${count(leaks, 'object')} ${leaks === 1 ? 'leaks' : 'leak'}`,
      said: (
        <>
          Rows of {count(tenants, 'organization')} can be read across the wall. {when}
        </>
      ),
      link: (
        <Link to="/isolation" search={{ verdict: 'leak' }}>
          See the hole and its fix
        </Link>
      ),
    };
  }
  return {
    state: unknown > 0 ? 'attention' : 'proven',
    title:
      tenants === 0
        ? 'Nobody to isolate yet'
        : tenants === 1
          ? '1 organization is isolated'
          : `${tenants.toLocaleString('en')} organizations are isolated`,
    said: when,
    link: (
      <Link to="/isolation" search={{}}>
        {unknown > 0
          ? `${count(unknown, 'object')} could not be decided`
          : `${count(proven, 'object')} proven`}
      </Link>
    ),
  };
}

function ofLog({ log }: Overview): Sentence {
  const isBroken = log.whole === false;
  const isUnknown = log.whole === null || log.verifiedAt === null;
  return {
    state: isBroken ? 'breach' : isUnknown ? 'unknown' : 'proven',
    title: isBroken
      ? 'The log does not hold'
      : isUnknown
        ? 'The log is not verified yet'
        : 'The log is whole',
    said: !isBroken ? (
      <>
        {count(log.events, 'event')}
        {log.verifiedAt === null ? (
          '; nobody has recomputed them yet.'
        ) : (
          <>
            , verified to{' '}
            {log.verifiedEvents >= log.events
              ? 'the last one'
              : `number ${log.verifiedEvents.toLocaleString('en')}`}{' '}
            <Moment at={log.verifiedAt} />.
          </>
        )}
      </>
    ) : (
      (log.fault ?? 'What is stored is not what was signed.')
    ),
    link: (
      <Link to="/audit" search={{}}>
        {log.unsigned > 0 ? `${count(log.unsigned, 'event')} to be signed` : 'Open the log'}
      </Link>
    ),
  };
}

function ofDay({ denials }: Overview): Sentence {
  return {
    state: denials.lastHour > 0 ? 'attention' : 'proven',
    title:
      denials.last24Hours === 0
        ? 'Nobody tried to cross'
        : `${count(denials.last24Hours, 'crossing')} denied today`,
    said:
      denials.last24Hours === 0
        ? 'No request and no statement was refused in the last 24 hours.'
        : `From ${count(denials.tenants, 'organization')}, ${denials.lastHour === 0 ? 'none' : denials.lastHour.toLocaleString('en')} in the last hour. Nothing crossed.`,
    link: (
      <Link to="/audit" search={{ outcome: ['denied'] }}>
        Look at the denials
      </Link>
    ),
  };
}
