/** A password: never shown unless asked for, and told to password managers for what it is. */
import { PasswordInput } from '@mantine/core';

export interface PasswordFieldProps {
  readonly label: string;
  readonly kind: 'current-password' | 'new-password';
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly description?: string | undefined;
  readonly error?: string | undefined;
  readonly name?: string;
  readonly required?: boolean;
}

export function PasswordField({ kind, onChange, ...rest }: PasswordFieldProps) {
  return (
    <PasswordInput
      {...rest}
      autoComplete={kind}
      visibilityToggleButtonProps={{ 'aria-label': `Show ${rest.label.toLowerCase()}` }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
