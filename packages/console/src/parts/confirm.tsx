/**
 * Before something dangerous: what exactly will happen, to how many, whether it can be undone; the name typed and
 * the reason given. What was typed stays when the control plane refuses.
 */
import { Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import css from './confirm.module.css';
import { Dialog } from './dialog.tsx';
import { Failure } from './states.tsx';

export interface ConfirmProps {
  readonly title: string;
  /** Whole sentences. */
  readonly consequences: ReactNode;
  readonly action: string;
  /** What must be typed; without it nothing must. */
  readonly name?: string | undefined;
  readonly asksReason?: boolean;
  readonly danger?: boolean;
  readonly run: (reason: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export function Confirm(props: ConfirmProps) {
  const {
    title,
    consequences,
    action,
    name,
    asksReason = false,
    danger = true,
    run,
    onClose,
  } = props;
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isReady = (name === undefined || typed === name) && (!asksReason || reason.trim() !== '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady || busy) return;
    setBusy(true);
    setError(undefined);
    run(reason.trim()).then(onClose, (problem: unknown) => {
      setError(problem);
      setBusy(false);
    });
  };
  return (
    <Dialog label={title} onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        <h2>{title}</h2>
        <div className="soft">{consequences}</div>
        {asksReason && (
          <Textarea
            label="Reason, for the log"
            value={reason}
            maxLength={1000}
            autosize
            minRows={2}
            data-autofocus
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {name !== undefined && (
          <TextInput
            label={
              <>
                Type <code>{name}</code>
              </>
            }
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {error !== undefined && <Failure error={error} />}
        <div className={css.actions}>
          <Button onClick={onClose}>Keep things as they are</Button>
          <Button type="submit" look={danger ? 'danger' : 'main'} disabled={!isReady} busy={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
