/** Where the old password is too old: another one, before anything else. */
import { useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Form } from './form.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';

export interface NewPasswordProps {
  readonly busy: boolean;
  readonly onSubmit: (password: string) => void;
}

export function NewPassword({ busy, onSubmit }: NewPasswordProps) {
  const [password, setPassword] = useState('');
  return (
    <Form
      title="A new password"
      onSubmit={(event) => {
        event.preventDefault();
        if (password !== '') onSubmit(password);
      }}
    >
      <p className="soft">Yours is older than your organization allows. Choose another one.</p>
      <NewPasswordFields onChange={setPassword} />
      <Button look="main" type="submit" busy={busy} disabled={password === ''}>
        Set it and go on
      </Button>
    </Form>
  );
}
