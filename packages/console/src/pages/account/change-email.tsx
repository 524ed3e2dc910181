/** Another address for one's own account, by a link that is mailed to it. */
import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Part } from '../../parts/side-panel.tsx';
import { Failure } from '../../parts/states.tsx';
import css from './account.module.css';

export function ChangeEmail() {
  const own = useQuery(questions.ownTenants());
  const [email, setEmail] = useState('');
  const [sentTo, setSentTo] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    setSentTo(undefined);
    ask('post', '/me/email', { body: { email } })
      .then(() => {
        announce(`A link is on its way to ${email}.`);
        setSentTo(email);
        setEmail('');
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <Part title="E-mail">
      <p className="soft">
        {own.data === undefined
          ? 'You sign in with one address'
          : `You sign in as ${own.data.user.email}`}
        . A new one holds once a link that is mailed to it was followed.
      </p>
      {sentTo !== undefined && (
        <p>
          A link is on its way to <strong>{sentTo}</strong>. It works once, within the hour; until
          then everything stays as it is.
        </p>
      )}
      <form className={css.form} onSubmit={submit}>
        <TextInput
          label="New e-mail"
          type="email"
          autoComplete="email"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        {error !== undefined && <Failure error={error} />}
        <Button type="submit" busy={busy} disabled={email === ''}>
          Send the link
        </Button>
      </form>
    </Part>
  );
}
