/**
 * A policy's fields, made from what the policy holds: a switch for yes or no, a number, a list of texts. A dry run
 * follows each change and says whom it would touch; nothing is saved before it was seen.
 */
import { NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { pathOf } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Policy } from '../../api/shapes.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Segments } from '../../parts/segments.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { useMay } from '../../session/session.ts';
import { choicesOf, inWords, isList, labelOf } from './labels.ts';
import css from './policy-form.module.css';

type Body = Record<string, unknown>;

export function PolicyForm({
  tenant,
  policy,
}: {
  readonly tenant: string;
  readonly policy: Policy;
}) {
  const client = useQueryClient();
  const mayManage = useMay('policy:manage');
  const [body, setBody] = useState<Body>({ ...policy.defaults, ...policy.body });
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const saved = JSON.stringify({ ...policy.defaults, ...policy.body });
  const text = JSON.stringify(body);
  const isChanged = text !== saved;
  const path = { tenant, kind: policy.kind };
  const preview = useQuery({
    queryKey: [`${pathOf(tenant)}/policies/${policy.kind}/preview`, text],
    queryFn: ({ signal }) =>
      ask('post', '/tenants/{tenant}/policies/{kind}/preview', {
        path,
        body: { body: JSON.parse(text) },
        signal,
      }),
    enabled: isChanged,
    staleTime: 30_000,
  });
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (!isChanged || busy || !preview.isSuccess) return;
    setBusy(true);
    setError(undefined);
    ask('put', '/tenants/{tenant}/policies/{kind}', {
      path,
      body: { body, version: policy.version },
    }).then(
      async () => {
        announce('The policy holds from now on.');
        await client.invalidateQueries({ queryKey: [`${pathOf(tenant)}/policies`] });
      },
      (problem: unknown) => {
        setError(problem);
        setBusy(false);
      },
    );
  };
  return (
    <form className={css.form} onSubmit={save}>
      <fieldset className={css.fields} disabled={!mayManage}>
        <legend className="hidden-visually">{policy.kind}</legend>
        {Object.entries(body).map(([name, value]) => (
          <FieldOf
            key={name}
            name={name}
            value={value}
            usual={policy.defaults[name]}
            onChange={(next) => setBody((before) => ({ ...before, [name]: next }))}
          />
        ))}
      </fieldset>
      <aside className={css.effect}>
        <h2>{isChanged ? 'What this would do' : 'As it stands'}</h2>
        {!isChanged && (
          <p className="soft">
            {policy.version === 0 ? (
              'These are the values that every organization starts with.'
            ) : (
              <>
                Version {policy.version}, changed <Moment at={policy.changedAt} />
                {policy.changedBy !== null && ` by ${policy.changedBy}`}.
              </>
            )}{' '}
            {mayManage
              ? 'Change a value to see whom it would touch; nothing is saved before you say so.'
              : 'Whoever holds policy:manage can change it.'}
          </p>
        )}
        {isChanged && preview.isPending && <Loading what="the dry run" rows={2} />}
        {isChanged && preview.isError && <Failure error={preview.error} />}
        {isChanged && preview.data !== undefined && (
          <ul className={css.effects}>
            {preview.data.effects.length === 0 && (
              <li>
                <StateMark state="proven" /> Nobody is refused and no session ends.
              </li>
            )}
            {preview.data.effects.map((effect) => (
              <li key={effect.text}>
                <StateMark state={effect.severity === 'none' ? 'quiet' : effect.severity} />
                {effect.text}
              </li>
            ))}
          </ul>
        )}
        {error !== undefined && <Failure error={error} />}
        {isChanged && (
          <div className={css.actions}>
            <Button onClick={() => setBody(JSON.parse(saved) as Body)}>Put it back</Button>
            <Button look="main" type="submit" busy={busy} disabled={!preview.isSuccess}>
              Let it hold
            </Button>
          </div>
        )}
      </aside>
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly value: unknown;
  readonly usual: unknown;
  readonly onChange: (value: unknown) => void;
}

function FieldOf({ name, value, usual, onChange }: FieldProps) {
  const label = labelOf(name);
  const choices = choicesOf(name);
  const description =
    JSON.stringify(value) === JSON.stringify(usual)
      ? undefined
      : `Usually ${usual === null ? 'none' : Array.isArray(usual) ? usual.join(', ') || 'none' : String(usual)}`;
  if (choices !== undefined) {
    return (
      <div className={css.choice}>
        <p>{label}</p>
        <Segments label={label} value={String(value)} options={choices} onChange={onChange} />
      </div>
    );
  }
  if (typeof value === 'boolean')
    return (
      <Switch
        label={label}
        description={description}
        checked={value}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  if (typeof value === 'number' || (value === null && !isList(name))) {
    return (
      <NumberInput
        label={label}
        description={
          [value === null ? 'No limit' : inWords(name, value), description]
            .filter((part) => part !== undefined)
            .join('. ') || undefined
        }
        value={value ?? ''}
        min={0}
        allowDecimal={false}
        hideControls
        onChange={(next) => onChange(next === '' ? null : Number(next))}
      />
    );
  }
  if (Array.isArray(value) || isList(name)) {
    return (
      <Textarea
        label={label}
        description={description ?? 'One a line'}
        value={Array.isArray(value) ? value.join('\n') : ''}
        minRows={2}
        autosize
        spellCheck={false}
        onChange={(event) =>
          onChange(
            event.currentTarget.value
              .split('\n')
              .map((line) => line.trim())
              .filter((line, index, all) => line !== '' || index === all.length - 1)
              .filter((line) => line !== ''),
          )
        }
      />
    );
  }
  return (
    <TextInput
      label={label}
      description={description}
      value={String(value ?? '')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
