/** What `bulkhead policy …` does; loaded when one of them runs. */
import { withTenantStatements } from '../isolation/index.ts';
import { type CommandIo, type ExitCode, exitCodes } from '../kernel/command.ts';
import { kernelError } from '../kernel/error-codes.ts';
import {
  type Policy,
  type PolicyPorts,
  policyGet,
  policyHistory,
  policyList,
  policyPreview,
  policySetOperation,
} from './operations.ts';
import { defaultPolicies, type PolicyKind } from './policy-kinds.ts';

export function showPolicies(
  io: CommandIo,
  { tenant, kind }: { tenant: string; kind?: PolicyKind | undefined },
): Promise<ExitCode> {
  return withPolicies(io, tenant, async (ports) => {
    const items =
      kind === undefined
        ? (await policyList.run(ports, {})).items
        : [await policyGet.run(ports, { kind })];
    for (const policy of items) showOne(io, policy);
    io.result({ items });
    return exitCodes.done;
  });
}

export function showHistory(
  io: CommandIo,
  { tenant, kind, after }: { tenant: string; kind: PolicyKind; after?: number | undefined },
): Promise<ExitCode> {
  return withPolicies(io, tenant, async (ports) => {
    const page = await policyHistory.run(ports, { kind, ...(after !== undefined && { after }) });
    for (const policy of page.items) showOne(io, policy);
    if (page.items.length === 0) io.line(`The defaults of ${kind} hold; it was never set.`);
    if (page.next !== null) io.line(`There are more: --after ${page.next}`);
    io.result(page);
    return exitCodes.done;
  });
}

export function setPolicy(
  io: CommandIo,
  input: { tenant: string; kind: PolicyKind; settings: string[]; reason?: string | undefined },
): Promise<ExitCode> {
  return withPolicies(io, input.tenant, async (ports) => {
    const { kind, reason } = input;
    const present = await policyGet.run(ports, { kind });
    const policy = await policySetOperation.run(ports, {
      kind,
      body: { ...present.body, ...readSettings(kind, input.settings) },
      version: present.version,
      ...(reason !== undefined && { reason }),
    });
    showOne(io, policy);
    io.result(policy);
    return exitCodes.done;
  });
}

export function previewPolicy(
  io: CommandIo,
  input: { tenant: string; kind: PolicyKind; settings: string[] },
): Promise<ExitCode> {
  return withPolicies(io, input.tenant, async (ports) => {
    const { kind } = input;
    const present = await policyGet.run(ports, { kind });
    const found = await policyPreview.run(ports, {
      kind,
      body: { ...present.body, ...readSettings(kind, input.settings) },
    });
    for (const { text } of found.effects) io.line(text);
    if (found.members.length > 0) {
      io.table(
        ['member', 'shut out', 'rules', 'sessions', 'keys'],
        found.members.map((member) => [
          member.name,
          member.shutOut ? 'yes' : '',
          member.rules.join(', '),
          String(member.sessions.length),
          member.keys.map(({ name }) => name).join(', '),
        ]),
      );
    }
    io.result(found);
    return found.owners > 0 && found.ownersShutOut === found.owners
      ? exitCodes.found
      : exitCodes.done;
  });
}

function showOne(io: CommandIo, policy: Policy): void {
  const since =
    policy.changedAt === null
      ? 'defaults'
      : `version ${policy.version}, ${policy.changedBy} ${policy.changedAt}`;
  io.line(`${policy.kind} (${since})`);
  io.table(
    ['setting', 'value', 'default'],
    Object.entries(policy.body).map(([name, value]) => [
      name,
      shown(value),
      shown(policy.defaults[name]),
    ]),
  );
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join('\n');
  return value === null ? 'no limit' : String(value);
}

/** `name=value`, read by what the setting's default is; the schema says what is wrong with the rest. */
function readSettings(kind: PolicyKind, settings: readonly string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const setting of settings) {
    const [, name, text] = /^([A-Za-z]+)=(.*)$/s.exec(setting) ?? [];
    const defaults: Record<string, unknown> = defaultPolicies[kind];
    if (name === undefined || text === undefined || !Object.hasOwn(defaults, name)) {
      throw kernelError('kernel.usage', {
        message: `“${setting}” is no setting of ${kind}: write name=value with one of ${Object.keys(defaults).join(', ')}.`,
      });
    }
    body[name] = readValue(text, name, defaults[name]);
  }
  return body;
}

function readValue(text: string, name: string, byDefault: unknown): unknown {
  if (text === 'null') return null;
  if (Array.isArray(byDefault) || name === 'scopesAllowed') {
    return text === '' ? [] : text.split(',').map((item) => item.trim());
  }
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function withPolicies(
  io: CommandIo,
  tenant: string,
  work: (ports: PolicyPorts) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withTenantStatements(io, tenant, (query) =>
    work({ query, ip: () => undefined, changed: () => undefined, nowMs: Date.now }),
  );
}
