/**
 * The link of an invitation: what it invites to, and the way in, with a new account or with the one that somebody
 * has. Looking uses nothing up; the address that was invited is the only one that may accept.
 */
import { TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask, rememberCsrfToken } from '../../api/request.ts';
import type { InvitationLook, OwnTenants } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { enter } from '../../session/entered.ts';
import { untilHeard } from '../../session/until-heard.ts';
import { Door } from './door.tsx';
import { Form } from './form.tsx';
import { forgetLinkToken, useLinkToken } from './link-token.ts';
import { NewPasswordFields } from './new-password-fields.tsx';

type Entry = Promise<{ readonly tenant: { readonly slug: string } }>;

export function InvitationPage() {
  const token = useLinkToken('invitation');
  const look = useQuery({
    queryKey: ['invitations/look', token],
    queryFn: ({ signal }) => ask('post', '/invitations/look', { body: { token }, signal }),
    enabled: token !== '',
  });
  const signedIn = useQuery(questions.ownTenants());
  useEffect(() => {
    document.title = 'An invitation · Bulkhead';
  }, []);
  if (token === '') {
    return (
      <Door>
        <h1>The link is not whole</h1>
        <p className="soft">
          Its end is missing, which some mail programs cut off. Copy the whole line of the mail into
          the address bar, or ask for another invitation.
        </p>
        <Link to="/sign-in">Sign in instead</Link>
      </Door>
    );
  }
  if (look.isError) {
    return (
      <Door>
        <h1>This invitation leads nowhere</h1>
        <Failure error={look.error} />
        <Link to="/">Go to the console</Link>
      </Door>
    );
  }
  if (look.data === undefined || signedIn.isPending) {
    return (
      <Door>
        <h1>An invitation</h1>
        <Loading what="the invitation" rows={4} />
      </Door>
    );
  }
  return (
    <Door>
      <Accept token={token} look={look.data} as={signedIn.data} />
    </Door>
  );
}

interface AcceptProps {
  readonly token: string;
  readonly look: InvitationLook;
  /** Undefined where nobody is signed in. */
  readonly as: OwnTenants | undefined;
}

function Accept({ token, look, as }: AcceptProps): ReactNode {
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const attempt = (work: Promise<unknown>): void => {
    setBusy(true);
    setError(undefined);
    work.catch(setError).finally(() => setBusy(false));
  };
  const comeIn = (entry: Entry): void =>
    attempt(
      entry.then(async ({ tenant }) => {
        forgetLinkToken('invitation');
        await untilHeard((code) => code === 'http.absent', tenant.slug);
        enter(tenant.slug);
      }),
    );
  const until = (
    <>
      This invitation was sent to <strong>{look.email}</strong>, works once, and ends{' '}
      <Moment at={look.expiresAt} />.
    </>
  );
  const failure = error !== undefined && <Failure error={error} />;
  const title = `Join ${look.tenant}`;
  if (as === undefined) {
    return (
      <>
        <Register
          look={look}
          title={title}
          until={until}
          token={token}
          busy={busy}
          onTake={comeIn}
        />
        {failure}
        <p className="soft">
          You have an account with this address?{' '}
          <Link to="/sign-in" search={{ next: '/invitation' }}>
            Sign in to accept
          </Link>
        </p>
      </>
    );
  }
  rememberCsrfToken(as.csrfToken);
  const isMeant = as.user.email.toLowerCase() === look.email.toLowerCase();
  return (
    <>
      <h1>{title}</h1>
      <p className="soft">{until}</p>
      {isMeant ? (
        <Button
          look="main"
          busy={busy}
          onClick={() => comeIn(ask('post', '/invitations/accept', { body: { token } }))}
        >
          Join as {as.user.name}
        </Button>
      ) : (
        <>
          <p>
            You are signed in as <strong>{as.user.email}</strong>, which this invitation is not for.
          </p>
          <Button
            look="main"
            busy={busy}
            onClick={() => attempt(ask('post', '/sign-out').then(() => client.resetQueries()))}
          >
            Sign out and go on
          </Button>
        </>
      )}
      {failure}
    </>
  );
}

interface RegisterProps {
  readonly token: string;
  readonly look: InvitationLook;
  readonly title: string;
  readonly until: ReactNode;
  readonly busy: boolean;
  readonly onTake: (entry: Entry) => void;
}

function Register({ token, look, title, until, busy, onTake }: RegisterProps) {
  const [name, setName] = useState(look.name ?? '');
  const [password, setPassword] = useState('');
  return (
    <Form
      title={title}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onTake(ask('post', '/invitations/register', { body: { token, name, password } }));
      }}
    >
      <p className="soft">{until}</p>
      <TextInput
        label="Your name"
        autoComplete="name"
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NewPasswordFields
        description={`At least ${look.passwordLengthMin} characters`}
        onChange={setPassword}
      />
      <Button
        look="main"
        type="submit"
        busy={busy}
        disabled={name.trim() === '' || password.length < look.passwordLengthMin}
      >
        Make an account and join
      </Button>
    </Form>
  );
}
