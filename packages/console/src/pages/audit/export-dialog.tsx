import { Select } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Query } from '../../api/request.ts';
import type { ExportFormat } from '../../api/shapes.ts';
import { startExport } from '../../exports/exports.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog, inDialog } from '../../parts/dialog.tsx';
import { Failure } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';

const formats: readonly { readonly value: ExportFormat; readonly label: string }[] = [
  { value: 'ndjson', label: 'NDJSON: one event a line' },
  { value: 'csv', label: 'CSV: for spreadsheets' },
  { value: 'ocsf', label: 'OCSF: for security lakes' },
  { value: 'ecs', label: 'ECS: for Elasticsearch' },
  { value: 'cef', label: 'CEF: for SIEMs' },
  { value: 'rfc5424', label: 'Syslog, RFC 5424' },
];

export interface ExportDialogProps {
  readonly tenant: string;
  readonly filter: Query;
  readonly total: number | undefined;
  readonly onClose: () => void;
}

export function ExportDialog({ tenant, filter, total, onClose }: ExportDialogProps) {
  const [format, setFormat] = useState<ExportFormat>('ndjson');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    startExport({ tenant, format, filter, total }).then(
      () => {
        announce('The export runs. The tray shows how far it is.');
        onClose();
        document.querySelector<HTMLElement>('[aria-label^="Long work"]')?.click();
      },
      (problem: unknown) => {
        setError(problem);
        setBusy(false);
      },
    );
  };
  return (
    <Dialog label="Export" onClose={onClose}>
      <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
        <h2>Export {total === undefined ? 'these events' : count(total, 'event')}</h2>
        <p className="soft">
          What the filters show now, personal values opened as far as you may. The export itself
          goes on record.
        </p>
        <Select
          label="Format"
          data={formats}
          value={format}
          allowDeselect={false}
          comboboxProps={inDialog}
          onChange={(chosen) => setFormat(chosen ?? 'ndjson')}
        />
        {error !== undefined && <Failure error={error} />}
        <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8 }}>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit" busy={busy}>
            Export
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
