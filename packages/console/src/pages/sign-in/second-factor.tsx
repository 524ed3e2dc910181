/** One of the factors that are left: a code, a recovery code, a passkey; the password where one shows it again. */
import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { ask } from '../../api/request.ts';
import type { SecondFactor, SignInStep } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { PasswordField } from '../../parts/password-field.tsx';
import { CodeField } from './code-field.tsx';
import { Form } from './form.tsx';
import { answerPasskey } from './passkey.ts';
import css from './sign-in.module.css';

type Challenge = Extract<SignInStep, { status: 'second_factor' }>;

export interface SecondFactorFormProps {
  readonly challenge: Challenge;
  readonly busy: boolean;
  readonly onTake: (step: Promise<SignInStep>) => void;
  readonly onBack: () => void;
  readonly title?: string;
  readonly back?: string;
}

export function SecondFactorForm({
  challenge,
  busy,
  onTake,
  onBack,
  title = 'The second factor',
  back = 'Start over',
}: SecondFactorFormProps) {
  const [method, setMethod] = useState<SecondFactor>(
    challenge.methods.includes('totp') ? 'totp' : (challenge.methods[0] ?? 'recovery'),
  );
  const [code, setCode] = useState('');
  const form = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another method, another field
  useEffect(() => form.current?.querySelector('input')?.focus(), [method]);
  const send = (value: string): void =>
    onTake(
      method === 'password'
        ? ask('post', '/sign-in/password', {
            body: { challenge: challenge.challenge, password: value },
          })
        : ask('post', '/sign-in/second-factor', {
            body: {
              challenge: challenge.challenge,
              method: method === 'totp' ? 'totp' : 'recovery',
              code: value,
            },
          }),
    );
  return (
    <div ref={form} className={css.second}>
      <Form
        title={title}
        onSubmit={(event) => {
          event.preventDefault();
          send(code);
        }}
      >
        {method === 'totp' && (
          <CodeField
            description="The six digits that your authenticator shows"
            value={code}
            onChange={setCode}
            onComplete={send}
          />
        )}
        {method === 'recovery' && (
          <TextInput
            label="A recovery code"
            description="Each works once."
            value={code}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        )}
        {method === 'password' && (
          <PasswordField
            label="Your password"
            kind="current-password"
            value={code}
            onChange={setCode}
          />
        )}
        {method === 'passkey' ? (
          <Button
            look="main"
            busy={busy}
            onClick={() => onTake(answerPasskey('', challenge.challenge))}
          >
            Use a passkey
          </Button>
        ) : (
          <Button look="main" type="submit" busy={busy} disabled={code === ''}>
            Go on
          </Button>
        )}
      </Form>
      <div className={css.others}>
        {challenge.methods
          .filter((other) => other !== method)
          .map((other) => (
            <Button
              key={other}
              look="quiet"
              onClick={() => {
                setMethod(other);
                setCode('');
              }}
            >
              {
                {
                  password: 'Use the password',
                  totp: 'Use the authenticator',
                  recovery: 'Use a recovery code',
                  passkey: 'Use a passkey',
                }[other]
              }
            </Button>
          ))}
        <Button look="quiet" onClick={onBack}>
          {back}
        </Button>
      </div>
    </div>
  );
}
