import { useQuery } from '@tanstack/react-query';
import { questions } from '../api/queries.ts';
import { useExports } from '../exports/exports.ts';
import { useConnection } from '../live/live.ts';
import { IconButton } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Kbd } from '../parts/kbd.tsx';
import { clockPreference, usePreference } from '../parts/preference.ts';
import { useMay, useMe } from '../session/session.ts';
import css from './shell.module.css';
import { modKey } from './use-keys.ts';

export interface BarProps {
  readonly onMenu: () => void;
  readonly onSearch: () => void;
  readonly onKeys: () => void;
  readonly onTray: () => void;
}

const connections = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Not live: trying again',
} as const;

export function Bar({ onMenu, onSearch, onKeys, onTray }: BarProps) {
  const connection = useConnection();
  const clock = usePreference(clockPreference);
  // What the control plane does at length is the operators’; one’s own exports are everybody’s.
  const isOperator = useMe().plane === 'operator';
  const mayListen = useMay('audit:read');
  const jobs = useQuery({ ...questions.jobs(), enabled: isOperator }).data?.items ?? [];
  const running =
    jobs.filter((job) => job.status === 'running' || job.status === 'queued').length +
    useExports().filter((one) => one.status === 'running').length;
  return (
    <header className={css.bar}>
      <IconButton icon="menu" label="Places" className={css.menu} onClick={onMenu} />
      <button
        type="button"
        className={css.search}
        onClick={onSearch}
        aria-keyshortcuts="/ Control+K Meta+K"
      >
        <Icon name="search" size={14} />
        <span>Search or do …</span>
        <Kbd>{modKey}K</Kbd>
      </button>
      <span className={css.gap} />
      {mayListen && (
        <span className={css.live} data-connection={connection} role="status">
          {connections[connection]}
        </span>
      )}
      <button
        type="button"
        className={css.clock}
        onClick={() => clockPreference.write(clock === 'utc' ? 'local' : 'utc')}
        aria-label={
          clock === 'utc' ? 'Times are in UTC; show local times' : 'Times are local; show UTC'
        }
      >
        {clock === 'utc' ? 'UTC' : 'Local'}
      </button>
      <button
        type="button"
        className={css.trayButton}
        onClick={onTray}
        aria-label={running === 0 ? 'Long work' : `Long work: ${running} running`}
      >
        <Icon name="tray" />
        {running > 0 && <span>{running}</span>}
      </button>
      <span className={css.onlyWide}>
        <IconButton icon="explain" label="Keys" onClick={onKeys} />
      </span>
    </header>
  );
}
