/** How this Bulkhead runs: versions, keys, workers; and how the console looks to you. */
import { useQuery } from '@tanstack/react-query';
import { questions } from '../../api/queries.ts';
import type { Settings, Tracked } from '../../api/shapes.ts';
import { Id } from '../../parts/copy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { clockPreference, themePreference, usePreference } from '../../parts/preference.ts';
import { Segments } from '../../parts/segments.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { Facts, Part } from '../../parts/side-panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { useMe } from '../../session/session.ts';
import css from './settings.module.css';

export function SettingsPage() {
  const me = useMe();
  const settings = useQuery({ ...questions.settings(), enabled: me.plane === 'operator' });
  const theme = usePreference(themePreference);
  const clock = usePreference(clockPreference);
  const idle = settings.data?.workers.filter((worker) => !worker.alive).length ?? 0;
  return (
    <>
      <SentenceHeader
        place="Settings"
        state={settings.data === undefined ? undefined : idle > 0 ? 'attention' : 'proven'}
        sentence={
          settings.data === undefined
            ? 'Settings'
            : idle > 0
              ? `${idle} of ${settings.data.workers.length} workers do not answer`
              : 'Everything that should run does'
        }
        meta={
          settings.data !== undefined &&
          `Bulkhead ${settings.data.version} on PostgreSQL ${settings.data.database.version}.`
        }
      />
      <div className={css.page}>
        <Part title="How it looks to you">
          <div className={css.choice}>
            <Segments
              label="Appearance"
              value={theme}
              options={[
                ['auto', 'As the system'],
                ['dark', 'Dark'],
                ['light', 'Light'],
              ]}
              onChange={(chosen) => themePreference.write(chosen as 'auto')}
            />
            <Segments
              label="Times"
              value={clock}
              options={[
                ['local', 'Local times'],
                ['utc', 'UTC'],
              ]}
              onChange={(chosen) => clockPreference.write(chosen as 'utc')}
            />
          </div>
        </Part>
        <Part title="Who you are">
          <Facts
            items={[
              ['Name', me.actor.name],
              me.actor.email !== null && ['E-mail', me.actor.email],
              ['Id', <Id key="id" value={me.actor.id} />],
              [
                'You may',
                <ul key="may" className={`soft mono ${css.choices}`}>
                  {me.permissions.map((permission) => (
                    <li key={permission}>{permission}</li>
                  ))}
                </ul>,
              ],
            ]}
          />
        </Part>
        {settings.isError && (
          <Failure error={settings.error} retry={() => void settings.refetch()} />
        )}
        {me.plane === 'operator' && settings.isPending && <Loading what="the settings" rows={8} />}
        {settings.data !== undefined && <Parts settings={settings.data} />}
        {settings.data !== undefined && <TrackedTables />}
      </div>
    </>
  );
}

/** To begin or to end it changes the schema, which this process has no right to; so it is shown how. */
function TrackedTables() {
  const tables = useQuery(questions.trackedTables());
  return (
    <Part title="Tables whose rows are recorded">
      {tables.isPending && <Loading what="the tables" rows={3} />}
      {tables.isError && <Failure error={tables.error} retry={() => void tables.refetch()} />}
      {tables.data?.items.length === 0 && (
        <Empty command="npx bulkhead audit track invoices">
          No table’s rows are recorded when they change. To begin, somebody with the owner’s login
          runs:
        </Empty>
      )}
      {tables.data !== undefined && tables.data.items.length > 0 && (
        <>
          <Facts
            items={tables.data.items.map(({ table, enabled, settings }) => [
              table,
              <span key={table}>
                <StateMark
                  state={enabled ? 'proven' : 'attention'}
                  word={enabled ? 'recorded' : 'its trigger is disabled'}
                />
                <span className="faint"> {sayTracked(settings)}</span>
              </span>,
            ])}
          />
          <p className="small faint">
            Begun and ended with the owner’s login: bulkhead audit track, bulkhead audit untrack.
          </p>
        </>
      )}
    </Part>
  );
}

function sayTracked({ type, exclude, mask, personal }: Tracked['settings']): string {
  const sealed = Object.keys(personal);
  return [
    `as ${type}`,
    ...(sealed.length > 0 ? [`sealed: ${sealed.join(', ')}`] : []),
    ...(mask.length > 0 ? [`masked: ${mask.join(', ')}`] : []),
    ...(exclude.length > 0 ? [`left out: ${exclude.join(', ')}`] : []),
  ].join('; ');
}

/** Where the schema of each room stands. */
function newestOf(applied: Settings['schema']): Settings['schema'] {
  return [...new Map(applied.map((one) => [one.room, one])).values()];
}

function Parts({ settings }: { readonly settings: Settings }) {
  return (
    <>
      <Part title="Workers">
        <Facts
          items={settings.workers.map((worker) => [
            worker.name,
            <span key={worker.name}>
              <StateMark
                state={worker.alive ? 'proven' : 'attention'}
                word={worker.alive ? 'runs' : 'does not answer'}
              />
              <span className="faint">
                {' '}
                seen <Moment at={worker.seenAt} />
                {worker.lagMs !== null &&
                  `, ${Math.round(worker.lagMs).toLocaleString('en')} ms behind`}
              </span>
            </span>,
          ])}
        />
      </Part>
      <Part title="Database">
        <Facts
          items={[
            ['PostgreSQL', settings.database.version],
            ['App’s role', <code key="app">{settings.database.appRole}</code>],
            settings.database.operatorRole !== null && [
              'Operators’',
              <code key="operator">{settings.database.operatorRole}</code>,
            ],
            ...newestOf(settings.schema).map(
              (one) =>
                [
                  one.room,
                  <span key={one.room}>
                    <code>{one.migration}</code>{' '}
                    <span className="faint">
                      applied <Moment at={one.appliedAt} />
                    </span>
                  </span>,
                ] as const,
            ),
          ]}
        />
      </Part>
      <Part title="Keys that sign contexts">
        <Facts
          items={settings.contextKeys.map((key) => [
            key.kid,
            <Moment key={key.kid} at={key.installedAt} />,
          ])}
        />
      </Part>
      <Part title="Keys that sign the log">
        {settings.logKeys.map((key) => (
          <p key={key.verifierKey}>
            {key.name} <Id value={key.verifierKey} of="verifier key" length={40} />
          </p>
        ))}
        <p className="small faint">
          Give these to auditors: with one of them bulkhead-verify trusts nobody else.
        </p>
      </Part>
    </>
  );
}
