/** A new password, typed twice so that a slip shows. */
import { useState } from 'react';
import { PasswordField } from '../../parts/password-field.tsx';

export interface NewPasswordFieldsProps {
  /** Told the password once both are the same, and an empty text until then. */
  readonly onChange: (password: string) => void;
  readonly description?: string;
}

export function NewPasswordFields({ onChange, description }: NewPasswordFieldsProps) {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const put = (next: string, repeated: string): void => {
    setPassword(next);
    setAgain(repeated);
    onChange(next === repeated ? next : '');
  };
  return (
    <>
      <PasswordField
        label="New password"
        kind="new-password"
        description={description}
        value={password}
        onChange={(next) => put(next, again)}
      />
      <PasswordField
        label="The same again"
        kind="new-password"
        value={again}
        error={again !== '' && !password.startsWith(again) ? 'They differ.' : undefined}
        onChange={(next) => put(password, next)}
      />
    </>
  );
}
