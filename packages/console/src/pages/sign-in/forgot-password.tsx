/** Asks for the mail by which a new password is set. Says the same whether or not anybody has that address. */
import { TextInput } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ask } from '../../api/request.ts';
import { Button } from '../../parts/button.tsx';
import { Failure } from '../../parts/states.tsx';
import { Door } from './door.tsx';
import { Form } from './form.tsx';

export function ForgotPassword() {
  const search = useSearch({ from: '/forgot-password' });
  const [email, setEmail] = useState(search.email ?? '');
  const [isSent, setSent] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'A new password · Bulkhead';
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    ask('post', '/password-resets', { body: { email } })
      .then(() => setSent(true), setError)
      .finally(() => setBusy(false));
  };
  if (isSent) {
    return (
      <Door>
        <h1>Look into your mail</h1>
        <p className="soft">
          If somebody signs in as <strong>{email}</strong>, a link is on its way to them. It works
          once, within 30 minutes.
        </p>
        <Button onClick={() => setSent(false)}>Send it again</Button>
        <Link to="/sign-in">Back to the sign-in</Link>
      </Door>
    );
  }
  return (
    <Door>
      <Form title="A new password" onSubmit={submit}>
        <p className="soft">
          A link to set one comes by mail. Your old password stays good until then.
        </p>
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Button look="main" type="submit" busy={busy}>
          Send the link
        </Button>
      </Form>
      {error !== undefined && <Failure error={error} />}
      <Link to="/sign-in">Back to the sign-in</Link>
    </Door>
  );
}
