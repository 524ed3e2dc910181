/** The link of a mail: sets a new password, once. */
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ask } from '../../api/request.ts';
import { Button } from '../../parts/button.tsx';
import { Failure } from '../../parts/states.tsx';
import { Door } from './door.tsx';
import { Form } from './form.tsx';
import { forgetLinkToken, useLinkToken } from './link-token.ts';
import { NewPasswordFields } from './new-password-fields.tsx';

export function ResetPassword() {
  const token = useLinkToken('reset-password');
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const [isDone, setDone] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Set a new password · Bulkhead';
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    ask('post', '/password-resets/finish', { body: { token, password } })
      .then(() => {
        forgetLinkToken('reset-password');
        setDone(true);
      }, setError)
      .finally(() => setBusy(false));
  };
  if (isDone) {
    return (
      <Door>
        <h1>The password is set</h1>
        <p className="soft">Every session of yours has ended, on all devices.</p>
        <Button look="main" onClick={() => void navigate({ to: '/sign-in' })}>
          Sign in
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
          the address bar, or have another one sent.
        </p>
        <Link to="/forgot-password">Send another link</Link>
      </Door>
    );
  }
  return (
    <Door>
      <Form title="Set a new password" onSubmit={submit}>
        <p className="soft">It ends all your sessions, so that nobody stays in but you.</p>
        <NewPasswordFields onChange={setPassword} />
        <Button look="main" type="submit" busy={busy} disabled={password === ''}>
          Set it
        </Button>
      </Form>
      {error !== undefined && <Failure error={error} />}
      <Link to="/forgot-password">Send another link</Link>
    </Door>
  );
}
