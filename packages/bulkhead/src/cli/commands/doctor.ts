/** `bulkhead doctor`: looks at everything that isolation stands on, and changes nothing. */
import { z } from 'zod';
import { capabilities } from '../../capabilities.ts';
import { isolationSection } from '../../isolation/config.ts';
import type { Diagnosis } from '../../kernel/capability.ts';
import { type CommandIo, defineCommand, exitCodes } from '../../kernel/command.ts';
import { databaseSection } from '../../kernel/config/index.ts';
import { diagnoseMigrations, withAdminClient } from '../../kernel/migrations/index.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Check server, roles, privileges, keys and migrations.',
  description:
    'Looks and changes nothing. Ends with 1 when a check finds a fault; warnings alone end with 0.',
  arguments: [],
  options: [],
  examples: [
    { command: 'bulkhead doctor', summary: 'Shows each check with what to do about it.' },
    { command: 'bulkhead doctor --json', summary: 'The same for a monitor.' },
  ],
  input: z.strictObject({}),
  run: async (io) => {
    const { appRole, operatorRole, auditRole, signerRole, identityRole } = await io.section(
      'database',
      databaseSection,
    );
    const { contextKeys, allow } = await io.section('isolation', isolationSection);
    const { identitySection } = await import('../../identity/config.ts');
    const identity = await io.section('identity', identitySection);
    const target = {
      appRole,
      operatorRole,
      auditRole,
      signerRole,
      identityRole,
      contextKeys,
      sections: { identity },
    };
    const findings = await withAdminClient(io, async (client) => {
      const found: Diagnosis[] = await diagnoseMigrations(client, capabilities);
      for (const { diagnose } of capabilities) {
        if (diagnose !== undefined) found.push(...(await diagnose(client, target)));
      }
      return found;
    });
    findings.push(...exceptions(allow));
    const healthy = findings.every(({ status }) => status !== 'fault');
    show(io, findings);
    io.result({ healthy, findings });
    return healthy ? exitCodes.done : exitCodes.found;
  },
});

/** Whatever the guard lets through by configuration is told, so that nobody forgets it. */
function exceptions(allow: Readonly<Record<string, readonly string[]>>): Diagnosis[] {
  return Object.entries(allow)
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => ({
      check: `guard exceptions: ${kind}`,
      status: 'warning',
      finding: names.join(', '),
      next: 'Remove from isolation.allow what the app no longer needs.',
    }));
}

function show(io: CommandIo, findings: readonly Diagnosis[]): void {
  const { paint } = io;
  const marks = { ok: paint.ok('✔'), warning: paint.warning('!'), fault: paint.fault('✖') };
  io.table(
    ['', 'check', 'finding'],
    findings.map(({ status, check, finding }) => [marks[status], check, finding]),
  );
  for (const { status, check, next } of findings) {
    if (status !== 'ok' && next !== undefined) io.line(`${marks[status]} ${check}: ${next}`);
  }
}
