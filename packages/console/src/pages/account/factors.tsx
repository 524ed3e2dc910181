/** By what one signs in: an authenticator, passkeys, recovery codes; and how to have more of them or fewer. */
import { TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Factors, Passkey } from '../../api/shapes.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Part } from '../../parts/side-panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { hasPasskeys, makePasskey } from '../sign-in/passkey.ts';
import css from './account.module.css';
import { beginAuthenticator, EnrolAuthenticator } from './authenticator.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

type Open =
  | { readonly what: 'totp'; readonly uri: string; readonly secret: string }
  | { readonly what: 'remove-totp' }
  | { readonly what: 'remove-passkey'; readonly passkey: Passkey }
  | { readonly what: 'renew' }
  | undefined;

export function FactorParts() {
  const client = useQueryClient();
  const factors = useQuery(questions.factors());
  const [open, setOpen] = useState<Open>();
  const [codes, setCodes] = useState<readonly string[]>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ['me/factors'] });
  const attempt = (work: () => Promise<unknown>): void => {
    setBusy(true);
    setError(undefined);
    work()
      .catch(setError)
      .finally(() => setBusy(false));
  };
  if (factors.isError)
    return <Failure error={factors.error} retry={() => void factors.refetch()} />;
  if (factors.data === undefined) return <Loading what="your factors" rows={6} />;
  const { totp, passkeys, recoveryCodesLeft } = factors.data;
  const hasFactor = totp !== null || passkeys.length > 0;
  return (
    <>
      {error !== undefined && <Failure error={error} />}
      <Part
        title="Authenticator app"
        aside={
          totp === null ? (
            <Button
              busy={busy}
              onClick={() =>
                attempt(async () => setOpen({ what: 'totp', ...(await beginAuthenticator()) }))
              }
            >
              Set one up …
            </Button>
          ) : (
            <Button look="quiet" onClick={() => setOpen({ what: 'remove-totp' })}>
              Remove …
            </Button>
          )
        }
      >
        <p className="soft">
          {totp === null ? (
            'Six digits from an app on your phone, asked for after the password.'
          ) : (
            <>
              <StateMark state="proven" word="in use" /> since <Moment at={totp.confirmedAt} />
            </>
          )}
        </p>
      </Part>
      <Part title="Passkeys">
        {passkeys.length === 0 && (
          <p className="soft">
            A passkey lives on a device or in a password manager and cannot be given away by
            mistake. It stands for both the password and the second factor.
          </p>
        )}
        <ul className={css.list}>
          {passkeys.map((passkey) => (
            <li key={passkey.id}>
              <span>
                {passkey.name}
                <span className="small faint">
                  {' '}
                  last used <Moment at={passkey.lastUsedAt} never="never" />
                  {passkey.backedUp && ', kept in a cloud'}
                </span>
              </span>
              <Button look="quiet" onClick={() => setOpen({ what: 'remove-passkey', passkey })}>
                Remove …
              </Button>
            </li>
          ))}
        </ul>
        {hasPasskeys() && (
          <AddPasskey
            busy={busy}
            onAdd={(name) =>
              attempt(async () => {
                const { recoveryCodes } = await makePasskey(name);
                await refresh();
                announce('The passkey is kept.');
                if (recoveryCodes !== null) setCodes(recoveryCodes);
              })
            }
          />
        )}
      </Part>
      <Part
        title="Recovery codes"
        aside={
          hasFactor && (
            <Button look="quiet" onClick={() => setOpen({ what: 'renew' })}>
              Make new ones …
            </Button>
          )
        }
      >
        <p className="soft">{sayCodes(factors.data)}</p>
      </Part>
      {open?.what === 'totp' && (
        <EnrolAuthenticator
          invitation={open}
          onCodes={setCodes}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open?.what === 'remove-totp' && (
        <Confirm
          title="Remove the authenticator"
          consequences="Its codes are refused from now on. The recovery codes go with the last factor."
          action="Remove it"
          run={async () => {
            await ask('delete', '/me/totp');
            await refresh();
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open?.what === 'remove-passkey' && (
        <Confirm
          title={`Remove the passkey ${open.passkey.name}`}
          consequences="It is refused from now on. On the device it stays until you delete it there."
          action="Remove it"
          run={async () => {
            await ask('delete', '/me/passkeys/{id}', { path: { id: open.passkey.id } });
            await refresh();
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open?.what === 'renew' && (
        <Confirm
          title="Make new recovery codes"
          consequences={`The ${recoveryCodesLeft} old ones are good no more. The new ones are shown once.`}
          action="Make new ones"
          danger={false}
          run={async () => {
            const renewed = await ask('post', '/me/recovery-codes');
            await refresh();
            setCodes(renewed.recoveryCodes);
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
      {codes !== undefined && <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />}
    </>
  );
}

function sayCodes({ totp, passkeys, recoveryCodesLeft }: Factors): string {
  if (totp === null && passkeys.length === 0) return 'They come with your first second factor.';
  if (recoveryCodesLeft === 0)
    return 'None is left. Without your second factor nobody could let you in.';
  return `${recoveryCodesLeft} ${recoveryCodesLeft === 1 ? 'is' : 'are'} left. Each lets you in once when the second factor is out of reach.`;
}

function AddPasskey({
  busy,
  onAdd,
}: {
  readonly busy: boolean;
  readonly onAdd: (name: string) => void;
}) {
  const [name, setName] = useState('');
  return (
    <form
      className={css.add}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === '') return;
        onAdd(name.trim());
        setName('');
      }}
    >
      <TextInput
        label="Name of a new passkey"
        placeholder="Work laptop"
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" icon="plus" busy={busy} disabled={name.trim() === ''}>
        Add a passkey
      </Button>
    </form>
  );
}
