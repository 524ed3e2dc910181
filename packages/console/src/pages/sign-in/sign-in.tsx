/** The door: e-mail and password or a passkey, then the second factor. What was typed stays when it is refused. */
import { PasswordInput, PinInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { request } from '../../api/request.ts';
import type { SecondFactor, SignInStep } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Failure } from '../../parts/states.tsx';
import { answerPasskey, hasPasskeys } from './passkey.ts';
import css from './sign-in.module.css';

type Challenge = Extract<SignInStep, { status: 'second_factor' }>;

export function SignIn() {
  const router = useRouter();
  const client = useQueryClient();
  const { next } = useSearch({ from: '/sign-in' });
  const [challenge, setChallenge] = useState<Challenge>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Sign in · Bulkhead';
  }, []);
  const take = (asked: Promise<SignInStep>): void => {
    setBusy(true);
    setError(undefined);
    asked
      .then(async (step) => {
        if (step.status === 'second_factor') {
          setChallenge(step);
          return;
        }
        client.clear();
        // Only a path of the console's own: an address from elsewhere is no place to go.
        await router.navigate({
          href: next?.startsWith('/') && !next.startsWith('//') ? next : '/',
          replace: true,
        });
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <main className={css.page}>
      <div className={css.door}>
        <p className={css.brand}>
          <svg
            width="24"
            height="24"
            viewBox="0 0 32 32"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.2"
            aria-hidden="true"
          >
            <path d="M3 6h26v10c0 6-5 10-13 10S3 22 3 16zM11.700 6v19.300M20.300 6v19.300" />
          </svg>
          Bulkhead
        </p>
        {challenge === undefined ? (
          <First busy={busy} onTake={take} />
        ) : (
          <Second
            challenge={challenge}
            busy={busy}
            onTake={take}
            onBack={() => {
              setChallenge(undefined);
              setError(undefined);
            }}
          />
        )}
        {error !== undefined && <Failure error={error} />}
      </div>
    </main>
  );
}

interface StepProps {
  readonly busy: boolean;
  readonly onTake: (step: Promise<SignInStep>) => void;
}

function First({ busy, onTake }: StepProps) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onTake(request<SignInStep>('sign-in/password', { method: 'POST', body: { email, password } }));
  };
  return (
    <>
      <Form title="Sign in" onSubmit={submit}>
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username webauthn"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button look="main" type="submit" busy={busy}>
          Sign in
        </Button>
      </Form>
      {hasPasskeys() && (
        <Button busy={busy} onClick={() => onTake(answerPasskey(email))}>
          Sign in with a passkey
        </Button>
      )}
    </>
  );
}

function Second({
  challenge,
  busy,
  onTake,
  onBack,
}: StepProps & { readonly challenge: Challenge; readonly onBack: () => void }) {
  const [method, setMethod] = useState<SecondFactor>(
    challenge.methods.includes('totp') ? 'totp' : (challenge.methods[0] ?? 'recovery'),
  );
  const [code, setCode] = useState('');
  const form = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another method, another field
  useEffect(() => form.current?.querySelector('input')?.focus(), [method]);
  const send = (value: string): void =>
    onTake(
      request<SignInStep>('sign-in/second-factor', {
        method: 'POST',
        body: { challenge: challenge.challenge, method, code: value },
      }),
    );
  return (
    <div ref={form} className={css.second}>
      <Form
        title="The second factor"
        onSubmit={(event) => {
          event.preventDefault();
          send(code);
        }}
      >
        {method === 'totp' && (
          <div>
            <p className={css.label} id="code-label">
              The six digits that your authenticator shows
            </p>
            <PinInput
              length={6}
              type="number"
              oneTimeCode
              value={code}
              onChange={setCode}
              onComplete={send}
              aria-label="Code"
              getInputProps={(index) => ({ 'aria-label': `Digit ${index + 1}` })}
            />
          </div>
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
                  totp: 'Use the authenticator',
                  recovery: 'Use a recovery code',
                  passkey: 'Use a passkey',
                }[other]
              }
            </Button>
          ))}
        <Button look="quiet" onClick={onBack}>
          Start over
        </Button>
      </div>
    </div>
  );
}

function Form({
  title,
  onSubmit,
  children,
}: {
  readonly title: string;
  readonly onSubmit: (event: FormEvent) => void;
  readonly children: ReactNode;
}) {
  return (
    <form className={css.form} onSubmit={onSubmit}>
      <h1>{title}</h1>
      {children}
    </form>
  );
}
