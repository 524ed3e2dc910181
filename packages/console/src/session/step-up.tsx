/** Asks the person to show again who they are, when the control plane wants that, and repeats what they were doing. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ask, onStepUp } from '../api/request.ts';
import type { SignInStep } from '../api/shapes.ts';
import { SecondFactorForm } from '../pages/sign-in/second-factor.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure, Loading } from '../parts/states.tsx';

export function StepUp(): ReactNode {
  const [isAsked, setAsked] = useState(false);
  const decide = useRef<((shown: boolean) => void) | undefined>(undefined);
  useEffect(
    () =>
      onStepUp(
        () =>
          new Promise((resolve) => {
            // Two refusals at once are answered by one showing.
            const before = decide.current;
            decide.current = (shown) => {
              before?.(shown);
              resolve(shown);
            };
            setAsked(true);
          }),
      ),
    [],
  );
  if (!isAsked) return null;
  const end = (shown: boolean): void => {
    setAsked(false);
    decide.current?.(shown);
    decide.current = undefined;
  };
  return (
    <Dialog label="Show that it is you" onClose={() => end(false)}>
      <Steps onEnd={end} />
    </Dialog>
  );
}

function Steps({ onEnd }: { readonly onEnd: (shown: boolean) => void }) {
  const [step, setStep] = useState<SignInStep>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const take = (asked: Promise<SignInStep>): void => {
    setBusy(true);
    setError(undefined);
    asked
      .then((next) => {
        if (next.status === 'done') onEnd(true);
        else setStep(next);
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as the dialog opens
  useEffect(() => take(ask('post', '/me/step-up')), []);
  return (
    <>
      {step?.status === 'second_factor' && (
        <SecondFactorForm
          title="Show that it is you"
          back="Leave it"
          challenge={step}
          busy={busy}
          onTake={take}
          onBack={() => onEnd(false)}
        />
      )}
      {step === undefined && error === undefined && <Loading what="the factors" rows={2} />}
      {error !== undefined && <Failure error={error} />}
    </>
  );
}
