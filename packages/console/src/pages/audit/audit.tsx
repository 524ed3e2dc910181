/** The log, explored: whose, when, what; the shape of it over time, the events, and one event with its proof. */
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { memo, useMemo, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { tenantPreference, usePreference } from '../../parts/preference.ts';
import { ReasonGate } from '../../session/reason-gate.tsx';
import { useMe } from '../../session/session.ts';
import { OPERATORS, whoseLog } from '../asked.ts';
import css from './audit.module.css';
import { Explorer } from './explorer.tsx';

const SHOWN_MAX = 60;

export function AuditPage() {
  const me = useMe();
  const search = useSearch({ from: '/shell/audit' });
  const last = usePreference(tenantPreference);
  const hull = useQuery({ ...questions.hull(), enabled: me.plane === 'operator' }).data;
  const tenant = whoseLog(search, me, last, hull);
  const explorer = (
    <Explorer
      tenant={tenant}
      search={search}
      chooser={me.plane === 'operator' ? <Chooser tenant={tenant} /> : undefined}
    />
  );
  if (me.plane !== 'operator' || tenant === OPERATORS) return explorer;
  return (
    <ReasonGate tenant={tenant} chooser={<Chooser tenant={tenant} />}>
      {explorer}
    </ReasonGate>
  );
}

/** Five thousand names are gone through when somebody reaches for it, and not with each event that comes. */
const Chooser = memo(function Chooser({ tenant }: { readonly tenant: string }) {
  const navigate = useNavigate({ from: '/audit' });
  const hull = useQuery(questions.hull()).data;
  const [isNear, setNear] = useState(false);
  const data = useMemo(() => {
    const own = { value: OPERATORS, label: 'Operators’ own log' };
    const all = hull?.slugs.map((value, at) => ({ value, label: hull.names[at] ?? value })) ?? [];
    return [own, ...(isNear ? all : all.filter(({ value }) => value === tenant))];
  }, [hull, isNear, tenant]);
  const reach = (): void => setNear(true);
  return (
    <div className={css.chooser}>
      <Select
        aria-label="Whose log"
        searchable
        onPointerEnter={reach}
        onFocus={reach}
        limit={SHOWN_MAX}
        data={data}
        value={tenant}
        allowDeselect={false}
        nothingFoundMessage="No organization is called that"
        onChange={(chosen) => {
          if (chosen !== null)
            void navigate({
              search: (before) => ({
                ...before,
                tenant: chosen,
                event: undefined,
                actor: undefined,
              }),
            });
        }}
      />
    </div>
  );
});
