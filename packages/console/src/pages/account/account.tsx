/** One's own: the address, the password, the second factors, the sessions on all devices. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Factors, OwnSession } from '../../api/shapes.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PasswordField } from '../../parts/password-field.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { Part } from '../../parts/side-panel.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { useMe } from '../../session/session.ts';
import { OrganizationList } from '../organizations/organization-list.tsx';
import { NewPasswordFields } from '../sign-in/new-password-fields.tsx';
import css from './account.module.css';
import { ChangeEmail } from './change-email.tsx';
import { FactorParts } from './factors.tsx';

/** Those who run the product are an organization of their own. */
const OPERATORS = '00000000-0000-0000-0000-000000000000';

export function AccountPage() {
  const me = useMe();
  const factors = useQuery(questions.factors());
  return (
    <>
      <SentenceHeader
        place="Your account"
        state={
          factors.data === undefined ? undefined : hasSecond(factors.data) ? 'proven' : 'attention'
        }
        sentence={factors.data === undefined ? 'Your account' : say(factors.data)}
        meta={`${me.actor.name}${me.actor.email === null ? '' : `, ${me.actor.email}`}. What changes here holds wherever you sign in.`}
      />
      <div className={css.page}>
        <div className={css.column}>
          <FactorParts />
          <ChangePassword changedAt={factors.data?.password?.changedAt} />
        </div>
        <div className={css.column}>
          <Sessions />
          <Organizations />
          <ChangeEmail />
        </div>
      </div>
    </>
  );
}

function Organizations() {
  const me = useMe();
  const own = useQuery(questions.ownTenants());
  const entered = own.data?.items.find(({ id, slug }) =>
    me.tenant === null ? id === OPERATORS : slug === me.tenant.slug,
  );
  return (
    <Part title="Your organizations">
      {own.isPending && <Loading what="your organizations" rows={2} />}
      {own.isError && <Failure error={own.error} retry={() => void own.refetch()} />}
      {own.data !== undefined && <OrganizationList own={own.data.items} entered={entered?.slug} />}
    </Part>
  );
}

const hasSecond = ({ totp, passkeys }: Factors): boolean => totp !== null || passkeys.length > 0;

function say({ totp, passkeys }: Factors): string {
  if (totp !== null && passkeys.length > 0)
    return 'You sign in with a passkey, or with a password and an authenticator';
  if (passkeys.length > 0) return 'You sign in with a passkey';
  if (totp !== null) return 'You sign in with a password and an authenticator';
  return 'A password is all that keeps others out';
}

function ChangePassword({ changedAt }: { readonly changedAt: string | undefined }) {
  const client = useQueryClient();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    ask('post', '/me/password', { body: { current, password } })
      .then(async ({ sessionsEnded }) => {
        setCurrent('');
        setPassword('');
        announce(`The password is changed; ${count(sessionsEnded, 'other session')} ended.`);
        await client.invalidateQueries();
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <Part title="Password">
      {changedAt !== undefined && (
        <p className="soft">
          Set <Moment at={changedAt} />. Changing it ends your sessions everywhere else.
        </p>
      )}
      <form className={css.form} onSubmit={submit}>
        <PasswordField
          label="Current password"
          kind="current-password"
          value={current}
          onChange={setCurrent}
        />
        {/* Anew after each change, which empties its fields. */}
        <NewPasswordFields key={changedAt} onChange={setPassword} />
        {error !== undefined && <Failure error={error} />}
        <Button type="submit" busy={busy} disabled={current === '' || password === ''}>
          Change the password
        </Button>
      </form>
    </Part>
  );
}

function Sessions() {
  const client = useQueryClient();
  const sessions = useQuery(questions.ownSessions());
  const [error, setError] = useState<unknown>();
  const rows = sessions.data?.items ?? [];
  const others = rows.filter((session) => !session.current).length;
  const end = (work: Promise<unknown>): void => {
    setError(undefined);
    work.then(() => client.invalidateQueries({ queryKey: ['me/sessions'] })).catch(setError);
  };
  return (
    <Part
      title="Where you are signed in"
      aside={
        others > 0 && (
          <Button look="quiet" onClick={() => end(ask('post', '/me/sessions/end-others'))}>
            End {others === 1 ? 'the other one' : `the ${others} others`}
          </Button>
        )
      }
    >
      {sessions.isPending && <Loading what="your sessions" rows={4} />}
      {sessions.isError && <Failure error={sessions.error} retry={() => void sessions.refetch()} />}
      {error !== undefined && <Failure error={error} />}
      <ul className={css.list}>
        {rows.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            onEnd={() => end(ask('delete', '/me/sessions/{id}', { path: { id: session.id } }))}
          />
        ))}
      </ul>
    </Part>
  );
}

function SessionRow({
  session,
  onEnd,
}: {
  readonly session: OwnSession;
  readonly onEnd: () => void;
}) {
  return (
    <li>
      <span>
        <span>
          {session.device}
          {session.current && <span className="faint"> · this one</span>}
        </span>
        <span className="small faint">
          {session.ip ?? 'address unknown'}, by {session.methods.join(' and ')}, seen{' '}
          <Moment at={session.lastSeenAt} />
        </span>
      </span>
      {!session.current && (
        <Button look="quiet" onClick={onEnd} aria-label={`End the session on ${session.device}`}>
          End
        </Button>
      )}
    </li>
  );
}
