/** The link of a mail: takes a new address, once. A press and not the visit does it, which mail filters make too. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask, rememberCsrfToken } from '../../api/request.ts';
import { Button } from '../../parts/button.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { Door } from './door.tsx';
import { Form } from './form.tsx';
import { forgetLinkToken, useLinkToken } from './link-token.ts';

export function ConfirmEmail() {
  const token = useLinkToken('confirm-email');
  const signedIn = useQuery(questions.ownTenants());
  const client = useQueryClient();
  const navigate = useNavigate();
  const [email, setEmail] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Confirm your address · Bulkhead';
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    ask('post', '/me/email/confirm', { body: { token } })
      .then(async (done) => {
        forgetLinkToken('confirm-email');
        setEmail(done.email);
        await client.invalidateQueries();
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  if (email !== undefined) {
    return (
      <Door>
        <h1>The address is yours</h1>
        <p className="soft">
          From now on you sign in as <strong>{email}</strong>.
        </p>
        <Button look="main" onClick={() => void navigate({ to: '/account' })}>
          Go to your account
        </Button>
      </Door>
    );
  }
  if (token === '') {
    return (
      <Door>
        <h1>The link is not whole</h1>
        <p className="soft">
          Its end is missing, which some mail programs cut off. Copy the whole line of the mail into
          the address bar, or have another one sent from your account.
        </p>
        <Link to="/account">Go to your account</Link>
      </Door>
    );
  }
  if (signedIn.isPending) {
    return (
      <Door>
        <h1>Confirm your new address</h1>
        <Loading what="your account" rows={2} />
      </Door>
    );
  }
  if (signedIn.data === undefined) {
    return (
      <Door>
        <h1>Sign in first</h1>
        <p className="soft">
          With the address from before. If you asked for no other one, close this page: somebody
          typed your address, and without your doing nothing changes.
        </p>
        <Link to="/sign-in" search={{ next: '/confirm-email' }}>
          Sign in to confirm your new address
        </Link>
      </Door>
    );
  }
  rememberCsrfToken(signedIn.data.csrfToken);
  return (
    <Door>
      <Form title="Confirm your new address" onSubmit={submit}>
        <p className="soft">
          You are signed in as <strong>{signedIn.data.user.email}</strong>. From then on you sign in
          with the address that this link was mailed to; the one from before is told.
        </p>
        <Button look="main" type="submit" busy={busy}>
          Confirm it
        </Button>
      </Form>
      {error !== undefined && <Failure error={error} />}
      <Link to="/account">Go to your account</Link>
    </Door>
  );
}
