/** An authenticator app: its secret is shown once, and it counts from the first right code on. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../api/request.ts';
import { Button } from '../../parts/button.tsx';
import { CodeBlock } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { CodeField } from '../sign-in/code-field.tsx';
import css from './account.module.css';

interface Invitation {
  readonly uri: string;
  readonly secret: string;
}

export interface EnrolAuthenticatorProps {
  readonly invitation: Invitation;
  readonly onCodes: (codes: readonly string[]) => void;
  readonly onClose: () => void;
}

export const beginAuthenticator = (): Promise<Invitation> => ask('post', '/me/totp');

export function EnrolAuthenticator({ invitation, onCodes, onClose }: EnrolAuthenticatorProps) {
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const confirm = (value: string): void => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    ask('post', '/me/totp/confirm', { body: { code: value } })
      .then(async ({ recoveryCodes }) => {
        await client.invalidateQueries({ queryKey: ['me/factors'] });
        onClose();
        if (recoveryCodes !== null) onCodes(recoveryCodes);
      })
      .catch((problem: unknown) => {
        setError(problem);
        setCode('');
      })
      .finally(() => setBusy(false));
  };
  return (
    <Dialog label="Set up an authenticator" onClose={onClose}>
      <h2>Set up an authenticator</h2>
      <ol className={css.steps}>
        <li>
          <p>
            In your authenticator app, add an account and type this key.{' '}
            <a href={invitation.uri}>Open the app</a> if it is on this device.
          </p>
          <CodeBlock
            label="Key, time based, six digits"
            text={(invitation.secret.match(/.{1,4}/g) ?? []).join(' ')}
          />
        </li>
        <li>
          <CodeField
            description="The six digits that it shows now"
            value={code}
            onChange={setCode}
            onComplete={confirm}
          />
        </li>
      </ol>
      {busy && <Loading what="the answer" rows={1} />}
      {error !== undefined && <Failure error={error} />}
      <div className={css.actions}>
        <Button onClick={onClose}>Not now</Button>
      </div>
    </Dialog>
  );
}
