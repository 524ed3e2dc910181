/** An operator crosses into an organization with a reason; its own people just walk in. */
import { TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { SentenceHeader } from '../parts/sentence-header.tsx';
import { giveReason, recentReasons, useReason } from './reason.ts';
import css from './reason-gate.module.css';
import { useMe } from './session.ts';

export interface ReasonGateProps {
  readonly tenant: string;
  readonly children: ReactNode;
  /** Another organization may be chosen instead. */
  readonly chooser?: ReactNode;
}

export function ReasonGate({ tenant, children, chooser }: ReasonGateProps) {
  const me = useMe();
  const reason = useReason(tenant);
  const [text, setText] = useState('');
  if (me.plane !== 'operator' || reason !== undefined) return children;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') giveReason(tenant, text.trim());
  };
  return (
    <>
      <SentenceHeader
        place={tenant}
        sentence={`Why do you enter ${tenant}?`}
        meta="You are about to look at what belongs to somebody else. Your reason goes into their log, beside your name, and they can read it."
        actions={chooser}
      />
      <form className={css.form} onSubmit={submit}>
        <TextInput
          label="Reason"
          autoFocus
          placeholder="Ticket 4711: invoices missing since Monday"
          value={text}
          maxLength={500}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button look="main" type="submit" disabled={text.trim() === ''}>
          Enter {tenant}
        </Button>
      </form>
      {recentReasons().length > 0 && (
        <p className={css.again}>
          <span className="small faint">Given before:</span>
          {recentReasons().map((given) => (
            <Button key={given} look="quiet" onClick={() => giveReason(tenant, given)}>
              {given}
            </Button>
          ))}
        </p>
      )}
    </>
  );
}
