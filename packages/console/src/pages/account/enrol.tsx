/** For whoever may not go on before they have a second factor: the way to one, and then on to where they wanted. */
import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { rememberCsrfToken } from '../../api/request.ts';
import { Button } from '../../parts/button.tsx';
import { StepUp } from '../../session/step-up.tsx';
import { untilHeard } from '../../session/until-heard.ts';
import { Door } from '../sign-in/door.tsx';
import { nextPath } from '../sign-in/next.ts';
import css from './account.module.css';
import { FactorParts } from './factors.tsx';

export function EnrolPage() {
  const router = useRouter();
  const { next } = useSearch({ from: '/enrol' });
  const factors = useQuery(questions.factors()).data;
  const token = useQuery(questions.ownTenants()).data?.csrfToken;
  useEffect(() => {
    document.title = 'A second factor · Bulkhead';
  }, []);
  // No organization says who this is yet, so the token comes from here.
  useEffect(() => {
    if (token !== undefined) rememberCsrfToken(token);
  }, [token]);
  const [busy, setBusy] = useState(false);
  const goOn = async (): Promise<void> => {
    setBusy(true);
    await untilHeard((code) => code.startsWith('policies.mfa_'));
    await router.navigate({ href: nextPath(next), replace: true });
    setBusy(false);
  };
  const isDone = factors !== undefined && (factors.totp !== null || factors.passkeys.length > 0);
  return (
    <Door>
      <h1>{isDone ? 'You have a second factor' : 'Set up a second factor'}</h1>
      <p className="soft">
        {isDone
          ? 'Go on; you are asked for it when you sign in.'
          : 'Your organization lets nobody in with a password alone. An authenticator app or a passkey will do.'}
      </p>
      <div className={css.column}>
        <FactorParts />
      </div>
      {isDone && (
        <Button look="main" busy={busy} onClick={() => void goOn()}>
          Go on
        </Button>
      )}
      <StepUp />
    </Door>
  );
}
