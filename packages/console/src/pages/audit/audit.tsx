/** The log, explored: whose, when, what; the shape of it over time, the events, and one event with its proof. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { memo, useCallback } from 'react';
import { questions } from '../../api/queries.ts';
import { type Choice, ComboBox } from '../../parts/combo-box.tsx';
import { tenantPreference, usePreference } from '../../parts/preference.ts';
import { ReasonGate } from '../../session/reason-gate.tsx';
import { useMe } from '../../session/session.ts';
import { OPERATORS, whoseLog } from '../asked.ts';
import css from './audit.module.css';
import { Explorer } from './explorer.tsx';

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

const OWN: Choice = { value: OPERATORS, label: 'Operators’ own log' };

const Chooser = memo(function Chooser({ tenant }: { readonly tenant: string }) {
  const navigate = useNavigate({ from: '/audit' });
  const hull = useQuery(questions.hull()).data;
  const choices = useCallback(
    () => [
      OWN,
      ...(hull?.slugs.map((value, at) => ({ value, label: hull.names[at] ?? value })) ?? []),
    ],
    [hull],
  );
  const named = tenant === OPERATORS ? OWN.label : hull?.names[hull.slugs.indexOf(tenant)];
  return (
    <div className={css.chooser}>
      <ComboBox
        label="Whose log"
        value={tenant}
        shown={named ?? tenant}
        choices={choices}
        none="No organization is called that"
        onChoose={(chosen) =>
          void navigate({
            search: (before) => ({
              ...before,
              tenant: chosen,
              event: undefined,
              actor: undefined,
            }),
          })
        }
      />
    </div>
  );
});
