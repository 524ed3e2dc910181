/** The organizations that somebody is in, to enter; and those that their address lets them join. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { JoinableTenant, OwnTenant } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Failure } from '../../parts/states.tsx';
import { enter } from '../../session/entered.ts';
import { untilHeard } from '../../session/until-heard.ts';
import css from './organization-list.module.css';

export interface OrganizationListProps {
  readonly own: readonly OwnTenant[];
  /** The slug of the one that is entered now. */
  readonly entered?: string | undefined;
}

export function OrganizationList({ own, entered }: OrganizationListProps) {
  const joinable = useQuery(questions.joinableTenants());
  const [error, setError] = useState<unknown>();
  const [joining, setJoining] = useState<string>();
  const join = (tenant: JoinableTenant): void => {
    setJoining(tenant.id);
    setError(undefined);
    ask('post', '/joinable-tenants/{id}/join', { path: { id: tenant.id } })
      .then(() => untilHeard((code) => code === 'http.absent', tenant.slug))
      .then(() => enter(tenant.slug))
      .catch(setError)
      .finally(() => setJoining(undefined));
  };
  const open = joinable.data?.items ?? [];
  return (
    <>
      {own.length > 0 && (
        <ul className={css.list} aria-label="Your organizations">
          {own.map((tenant) => (
            <li key={tenant.id}>
              <Name name={tenant.name} slug={tenant.slug} />
              {tenant.slug === entered ? (
                <span className="faint">here</span>
              ) : tenant.status === 'active' ? (
                <Button onClick={() => enter(tenant.slug)} aria-label={`Enter ${tenant.name}`}>
                  Enter
                </Button>
              ) : (
                <StateMark state="quiet" word={tenant.status} />
              )}
            </li>
          ))}
        </ul>
      )}
      {joinable.isError && <Failure error={joinable.error} />}
      {open.length > 0 && (
        <section className={css.open}>
          <h2>Open to you</h2>
          <p className="soft">The domain of your address lets you in without an invitation.</p>
          <ul className={css.list} aria-label="Organizations open to you">
            {open.map((tenant) => (
              <li key={tenant.id}>
                <Name name={tenant.name} slug={tenant.slug} />
                <Button
                  busy={joining === tenant.id}
                  onClick={() => join(tenant)}
                  aria-label={`Join ${tenant.name}`}
                >
                  Join
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {error !== undefined && <Failure error={error} />}
    </>
  );
}

const Name = ({ name, slug }: { readonly name: string; readonly slug: string }) => (
  <span className={css.name}>
    <span>{name}</span>
    <span className="small faint mono">{slug}</span>
  </span>
);
