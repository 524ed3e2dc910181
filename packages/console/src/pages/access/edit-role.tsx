/** A role of the organization's own, made or changed: what it holds, and what that means to those who have it. */
import { Checkbox, MultiSelect, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Permission, Role } from '../../api/shapes.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog, inDialog } from '../../parts/dialog.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import css from './edit-role.module.css';
import { holdsOf } from './role-holdings.ts';

export interface EditRoleProps {
  readonly tenant: string;
  readonly roles: readonly Role[];
  /** Without it a new one is made. */
  readonly role?: Role;
  readonly onClose: () => void;
}

export function EditRole({ tenant, roles, role, onClose }: EditRoleProps) {
  const client = useQueryClient();
  const catalogue = useQuery(questions.permissions(tenant));
  const grants = useQuery(questions.grants(tenant)).data ?? [];
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [own, setOwn] = useState<ReadonlySet<string>>(new Set(role?.permissions));
  const [inherits, setInherits] = useState<readonly string[]>(role?.inherits ?? []);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const inherited = new Set(inherits.flatMap((from) => holdsOf(from, roles)));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    const body = { name, description, permissions: [...own], inherits: [...inherits] };
    const sent =
      role === undefined
        ? ask('post', '/tenants/{tenant}/roles', {
            path: { tenant },
            body: { ...body, key: keyOf(name) },
          })
        : ask('patch', '/tenants/{tenant}/roles/{key}', {
            path: { tenant, key: role.key },
            body,
          });
    sent.then(
      async () => {
        announce('The role holds from now on.');
        await client.invalidateQueries();
        onClose();
      },
      (problem: unknown) => {
        setError(problem);
        setBusy(false);
      },
    );
  };
  const title = role === undefined ? 'Make a role' : `Edit ${role.name}`;
  return (
    <Dialog label={title} onClose={onClose} wide>
      <form className={css.form} onSubmit={submit}>
        <h2>{title}</h2>
        <TextInput
          label="Name"
          required
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="What it is for"
          maxLength={200}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <MultiSelect
          label="Holds all of these roles too"
          data={roles
            .filter((one) => one.key !== role?.key)
            .map((one) => ({ value: one.key, label: one.name }))}
          value={[...inherits]}
          comboboxProps={inDialog}
          onChange={setInherits}
        />
        {catalogue.isPending && <Loading what="the permissions" rows={4} />}
        {catalogue.isError && <Failure error={catalogue.error} />}
        {catalogue.data !== undefined && (
          <div className={css.groups}>
            {groupsOf(catalogue.data.permissions).map(([group, permissions]) => (
              <fieldset key={group} className={css.group}>
                <legend>{group.replaceAll('_', ' ')}</legend>
                {permissions.map((permission) => (
                  <Checkbox
                    key={permission.name}
                    size="xs"
                    label={permission.name}
                    title={permission.description}
                    checked={own.has(permission.name) || inherited.has(permission.name)}
                    disabled={inherited.has(permission.name)}
                    onChange={(event) => setOwn(turned(own, permission.name, event.target.checked))}
                  />
                ))}
              </fieldset>
            ))}
          </div>
        )}
        <p className="soft">
          {effectOf(
            role === undefined ? [] : holdsOf(role.key, roles),
            [...new Set([...own, ...inherited])],
            grants.filter((grant) => grant.role === role?.key).length,
          )}
        </p>
        {error !== undefined && <Failure error={error} />}
        <div className={css.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit" busy={busy} disabled={name.trim() === ''}>
            {role === undefined ? 'Make it' : 'Let it hold'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What a change means, before it is one. */
function effectOf(before: readonly string[], after: readonly string[], holders: number): string {
  const gained = after.filter((permission) => !before.includes(permission));
  const lost = before.filter((permission) => !after.includes(permission));
  if (gained.length === 0 && lost.length === 0)
    return `It holds ${count(after.length, 'permission')}.`;
  const changes = [
    gained.length > 0 && `gains ${gained.join(', ')}`,
    lost.length > 0 && `loses ${lost.join(', ')}`,
  ].filter(Boolean);
  const who =
    holders === 0
      ? 'Nobody has it yet'
      : `It is granted ${holders === 1 ? 'once' : `${holders} times`}, and that holds at once`;
  return `It ${changes.join(' and ')}. ${who}.`;
}

function turned(set: ReadonlySet<string>, value: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (isIn) next.add(value);
  else next.delete(value);
  return next;
}

function groupsOf(
  permissions: readonly Permission[],
): readonly (readonly [group: string, permissions: readonly Permission[]])[] {
  const groups = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const group = permission.name.split(':', 1)[0] ?? '';
    groups.set(group, [...(groups.get(group) ?? []), permission]);
  }
  return [...groups].toSorted(([a], [b]) => a.localeCompare(b));
}

/** The role's key for ever, out of its first name. */
const keyOf = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .replace(/^(?=\d)/, 'role_');
