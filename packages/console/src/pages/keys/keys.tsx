/** What lets programs and people in without asking again: keys, the service accounts that hold them, sessions. */
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Filters } from '../../parts/filters.tsx';
import { Segments } from '../../parts/segments.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { ApiKeys } from './api-keys.tsx';
import { ServiceAccounts } from './service-accounts.tsx';
import { TenantSessions } from './tenant-sessions.tsx';

const views = [
  ['', 'API keys'],
  ['accounts', 'Service accounts'],
  ['sessions', 'Sessions'],
] as const;

const said: Readonly<Record<string, readonly [sentence: string, meta: string]>> = {
  '': [
    'Keys that programs enter with',
    'A key acts for whoever holds it, and never may more than they. Its secret was shown once; what is kept is a hash.',
  ],
  accounts: [
    'Programs that are members',
    'A service account has roles like a person and no password; it enters with keys alone.',
  ],
  sessions: [
    'People who are signed in here',
    'Ending a session here keeps it out of this organization alone; the person may be elsewhere too.',
  ],
};

export function KeysPage() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant/keys' });
  const search = useSearch({ from: '/shell/tenants/$tenant/keys' });
  const navigate = useNavigate({ from: '/tenants/$tenant/keys' });
  const view = views.find(([key]) => key === search.view)?.[0] ?? '';
  const [sentence, meta] = said[view] ?? ['', ''];
  const close = (): void => void navigate({ search: { view: search.view } });
  const open = (): void => void navigate({ search: { view: search.view, new: '1' } });
  const shared = { tenant, isAdding: search.new !== undefined, onAdd: open, onClose: close };
  return (
    <>
      <SentenceHeader place={`Keys and sessions of ${tenant}`} sentence={sentence} meta={meta} />
      <Filters>
        <Segments
          label="What is shown"
          value={view}
          options={views}
          onChange={(next) =>
            void navigate({ search: { view: next === '' ? undefined : next }, replace: true })
          }
        />
      </Filters>
      {view === '' && <ApiKeys {...shared} />}
      {view === 'accounts' && <ServiceAccounts {...shared} />}
      {view === 'sessions' && <TenantSessions tenant={tenant} />}
    </>
  );
}
