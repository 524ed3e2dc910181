/** The six digits of an authenticator, in one field: typed, pasted or filled in, and sent by themselves at the last. */
import { TextInput } from '@mantine/core';
import css from './sign-in.module.css';

export interface CodeFieldProps {
  readonly description: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onComplete: (code: string) => void;
}

const DIGITS = 6;

export function CodeField({ description, value, onChange, onComplete }: CodeFieldProps) {
  return (
    <TextInput
      label="Code"
      description={description}
      className={css.code}
      inputMode="numeric"
      autoComplete="one-time-code"
      spellCheck={false}
      autoFocus
      data-autofocus
      value={value}
      onChange={(event) => {
        // As some apps show them: 123 456.
        const digits = event.currentTarget.value.replace(/\D/g, '').slice(0, DIGITS);
        onChange(digits);
        if (digits.length === DIGITS && digits !== value) onComplete(digits);
      }}
    />
  );
}
