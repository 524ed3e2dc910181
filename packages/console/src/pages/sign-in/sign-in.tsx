/** The door: e-mail and password or a passkey, then the second factor. What was typed stays when it is refused. */
import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ask } from '../../api/request.ts';
import type { SignInStep } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { PasswordField } from '../../parts/password-field.tsx';
import { Failure } from '../../parts/states.tsx';
import { Door } from './door.tsx';
import { Form } from './form.tsx';
import { NewPassword } from './new-password.tsx';
import { nextPath } from './next.ts';
import { answerPasskey, hasPasskeys } from './passkey.ts';
import { SecondFactorForm } from './second-factor.tsx';

type Challenge = Exclude<SignInStep, { status: 'done' }>;

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
  const startOver = (): void => {
    setChallenge(undefined);
    setError(undefined);
  };
  const take = (asked: Promise<SignInStep>): void => {
    setBusy(true);
    setError(undefined);
    asked
      .then(async (step) => {
        if (step.status !== 'done') {
          setChallenge(step);
          return;
        }
        client.clear();
        if (step.mustEnrol) {
          await router.navigate({ to: '/enrol', search: { next }, replace: true });
          return;
        }
        await router.navigate({ href: nextPath(next), replace: true });
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <Door>
      {challenge === undefined && <First busy={busy} onTake={take} />}
      {challenge?.status === 'second_factor' && (
        <SecondFactorForm challenge={challenge} busy={busy} onTake={take} onBack={startOver} />
      )}
      {challenge?.status === 'new_password' && (
        <NewPassword
          busy={busy}
          onSubmit={(password) =>
            take(
              ask('post', '/sign-in/new-password', {
                body: { challenge: challenge.challenge, password },
              }),
            )
          }
        />
      )}
      {error !== undefined && <Failure error={error} />}
    </Door>
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
    onTake(ask('post', '/sign-in/password', { body: { email, password } }));
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
        <PasswordField
          label="Password"
          kind="current-password"
          name="password"
          required
          value={password}
          onChange={setPassword}
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
      <Link to="/forgot-password" search={email === '' ? {} : { email }}>
        Forgot your password?
      </Link>
    </>
  );
}
