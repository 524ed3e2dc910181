import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api/request.ts';
import type { Tenant } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Failure } from '../../parts/states.tsx';

export function RenameTenant({
  tenant,
  onClose,
}: {
  readonly tenant: Tenant;
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState(tenant.name);
  const [error, setError] = useState<unknown>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask('patch', '/tenants/{tenant}', { path: { tenant: tenant.slug }, body: { name } }).then(
      async () => {
        await client.invalidateQueries();
        onClose();
      },
      setError,
    );
  };
  return (
    <Dialog label="Rename the organization" onClose={onClose}>
      <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
        <h2>Rename {tenant.name}</h2>
        <TextInput
          label="Name"
          description="People see it; the slug stays."
          value={name}
          maxLength={200}
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {error !== undefined && <Failure error={error} />}
        <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8 }}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit">
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
