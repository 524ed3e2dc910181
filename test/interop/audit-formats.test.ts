/** The formats of the audit log, read by other people's readers: OCSF's own schema, and parsers from PyPI. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventFormat, type FormatName } from '../../packages/bulkhead/src/audit/formats/index.ts';
import { everyEvent } from '../../packages/bulkhead/src/audit/formats/testdata/events.ts';

const HERE = join(import.meta.dirname, 'audit-formats');
const PYTHON = join(import.meta.dirname, '../../.cache/interop/formats/bin/python');
const ready = existsSync(join(PYTHON, '../../requirements.txt'));

test.skipIf(!ready)(
  'OCSF events are valid by the schema of their class, and parsers read every line as it was meant',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bulkhead-formats-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    for (const name of ['ocsf', 'rfc5424', 'cef', 'csv'] satisfies FormatName[]) {
      const { head, write } = eventFormat(name, { version: '0.1.0', hostname: 'app-1' });
      await writeFile(join(folder, name), head + everyEvent.map(write).join(''));
    }
    const output = execFileSync(PYTHON, [join(HERE, 'read.py'), folder], { encoding: 'utf8' });
    const read = JSON.parse(output);
    expect(read.ocsf).toEqual(
      ['authentication', 'api_activity', 'account_change', 'user_access', 'api_activity'].map(
        (name) => ({ class: name, faults: [] }),
      ),
    );
    expect(read.rfc5424).toEqual(
      everyEvent.map(({ action, outcome, actor }) => ({
        severity: { success: 'info', failure: 'notice', denied: 'warning' }[outcome],
        facility: 'audit',
        msgid: action,
        elements: ['audit@32473', 'origin'],
        actor: `${actor.type}:${actor.id}`,
      })),
    );
    expect(read.cef).toEqual(
      everyEvent.map(({ action, outcome, actor, leafIndex }) => ({
        DeviceEventClassID: action,
        Severity: { success: '1', failure: '4', denied: '6' }[outcome],
        outcome,
        suid: `${actor.type}:${actor.id}`,
        leafIndex: String(leafIndex),
      })),
    );
    expect(read.csv).toEqual(Array.from({ length: 6 }, () => 26));
  },
);
