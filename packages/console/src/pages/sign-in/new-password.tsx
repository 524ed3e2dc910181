/** Where the old password is too old; and wherever else somebody chooses one, twice, so that a slip shows. */
import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Form } from './form.tsx';

export interface NewPasswordProps {
  readonly busy: boolean;
  readonly onSubmit: (password: string) => void;
}

export function NewPassword({ busy, onSubmit }: NewPasswordProps) {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const isSame = password === again;
  return (
    <Form
      title="A new password"
      onSubmit={(event) => {
        event.preventDefault();
        if (isSame && password !== '') onSubmit(password);
      }}
    >
      <p className="soft">Yours is older than your organization allows. Choose another one.</p>
      <PasswordInput
        label="New password"
        autoComplete="new-password"
        value={password}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <PasswordInput
        label="The same again"
        autoComplete="new-password"
        value={again}
        error={again !== '' && !isSame ? 'They differ.' : undefined}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the repeated password' }}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <Button look="main" type="submit" busy={busy} disabled={password === '' || !isSame}>
        Set it and go on
      </Button>
    </Form>
  );
}
