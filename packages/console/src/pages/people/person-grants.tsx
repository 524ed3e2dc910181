/** The roles of one member: what each gives, who gave it; given and taken away here. */
import { Select } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Grant, Member } from '../../api/shapes.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Dialog, inDialog } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Part } from '../../parts/side-panel.tsx';
import { Failure } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { useMay } from '../../session/session.ts';
import { holdsOf, rolesIn } from '../access/role-holdings.ts';
import css from './person-grants.module.css';

interface OfMember {
  readonly tenant: string;
  readonly member: Member;
}

export function PersonGrants({ tenant, member }: OfMember) {
  const client = useQueryClient();
  const mayManage = useMay('grant:manage');
  const found = useQuery(questions.grantsOf(tenant, [member]));
  const [isGiving, setGiving] = useState(false);
  const [taken, setTaken] = useState<Grant>();
  const grants = found.data ?? [];
  return (
    <Part
      title={found.isPending ? 'Roles' : count(grants.length, 'role')}
      aside={
        mayManage && (
          <Button look="quiet" onClick={() => setGiving(true)}>
            Give a role …
          </Button>
        )
      }
    >
      {found.isError && <Failure error={found.error} />}
      <ul className={css.grants}>
        {grants.map((grant) => (
          <li key={grant.id}>
            <span>
              {grant.role}
              <span className="small faint">
                {' '}
                since <Moment at={grant.createdAt} />
                {grant.expiresAt !== null && (
                  <>
                    , until <Moment at={grant.expiresAt} />
                  </>
                )}
              </span>
            </span>
            {mayManage && (
              <Button look="quiet" onClick={() => setTaken(grant)}>
                Take away …<span className="hidden-visually"> {grant.role}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {isGiving && <Give tenant={tenant} member={member} onClose={() => setGiving(false)} />}
      {taken !== undefined && (
        <Confirm
          title={`Take ${taken.role} from ${member.name}`}
          consequences={`What it gave them in ${tenant} ends at once. You can give it again.`}
          action="Take it away"
          run={async () => {
            await ask('delete', '/tenants/{tenant}/grants/{id}', {
              path: { tenant, id: taken.id },
            });
            await client.invalidateQueries();
          }}
          onClose={() => setTaken(undefined)}
        />
      )}
    </Part>
  );
}

function Give({ tenant, member, onClose }: OfMember & { readonly onClose: () => void }) {
  const client = useQueryClient();
  const roles = rolesIn(useQuery(questions.roles(tenant)).data);
  const [role, setRole] = useState<string | null>(null);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    if (role === null) return;
    ask('post', '/tenants/{tenant}/grants', {
      path: { tenant },
      body: { holder: { type: member.type, id: member.id }, role },
    }).then(
      async () => {
        announce(`${member.name} has the role.`);
        await client.invalidateQueries();
        onClose();
      },
      (problem: unknown) => {
        setError(problem);
        setBusy(false);
      },
    );
  };
  const title = `Give ${member.name} a role`;
  return (
    <Dialog label={title} onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        <h2>{title}</h2>
        <Select
          label="Role"
          data={roles
            .filter(({ kind }) => kind === null || kind === 'tenant')
            .map((one) => ({ value: one.key, label: one.name }))}
          value={role}
          allowDeselect={false}
          comboboxProps={inDialog}
          onChange={setRole}
        />
        {role !== null && (
          <p className="small soft">
            On all of {tenant}, with {count(holdsOf(role, roles).length, 'permission')}; you can
            give no more than you hold yourself.
          </p>
        )}
        {error !== undefined && <Failure error={error} />}
        <div className={css.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit" busy={busy} disabled={role === null}>
            Give it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
