/** What can be done with a tenant's policies: one value an operation, for the library, the command line and HTTP. */
import { z } from 'zod';
import { accessErrors } from '../access/index.ts';
import { databaseRefusal } from '../kernel/database-refusal.ts';
import { kernelError } from '../kernel/error-codes.ts';
import { moment } from '../kernel/moment.ts';
import {
  defineOperation,
  type OperationDefinition,
  type StatementPort,
} from '../kernel/operation.ts';
import { readEntrants } from './entry-facts.ts';
import { policyError, policyErrors } from './errors.ts';
import {
  defaultPolicies,
  type PolicyBodies,
  type PolicyKind,
  policyKindSchema,
  policyKinds,
  policySchemas,
} from './policy-kinds.ts';
import { policySet } from './policy-set.ts';
import { previewPolicies } from './preview.ts';

export interface PolicyPorts extends StatementPort {
  /** Where the present request comes from, if this is one. */
  ip(): string | undefined;
  /** Told of the tenant in context after a change. */
  changed(): void;
  nowMs(): number;
}

/** A function of ours also asks for permissions, which is the access room's to refuse. */
const refusals = { ...accessErrors, ...policyErrors };

const bodySchema = z.record(z.string(), z.unknown());

const policyOutput = z.strictObject({
  kind: policyKindSchema,
  version: z.int().min(0).describe('0 while the defaults hold.'),
  body: bodySchema.describe('Every setting of the kind.'),
  defaults: bodySchema,
  changedAt: z.string().nullable(),
  changedBy: z.string().nullable().describe('As type:id.'),
});
export type Policy = z.output<typeof policyOutput>;

const ruleSchema = z.string();
const wayOutput = z.strictObject({ id: z.string(), rules: z.array(ruleSchema) });
const previewOutput = z.strictObject({
  effects: z.array(
    z.strictObject({
      text: z.string(),
      count: z.int(),
      severity: z.enum(['none', 'attention', 'breach']),
    }),
  ),
  members: z.array(
    z.strictObject({
      type: z.enum(['user', 'service_account']),
      id: z.string(),
      name: z.string(),
      shutOut: z.boolean(),
      rules: z.array(ruleSchema),
      sessions: z.array(wayOutput),
      keys: z.array(wayOutput.extend({ name: z.string() })),
    }),
  ),
  membersAffected: z.int(),
  owners: z.int(),
  ownersShutOut: z.int(),
});

const SET_AT = `${moment('set_at')} as set_at`;
const COLUMNS = `kind, version, body, set_by, ${SET_AT}`;
const CURRENT = `select distinct on (kind) ${COLUMNS} from bulkhead.tenant_policy`;

const setRow = z.object({ version: z.int(), set_by: z.string(), set_at: z.coerce.date() });

export const policyList = defineOperation({
  name: 'policy.list',
  room: 'policies',
  kind: 'read',
  permission: 'policy:read',
  node: 'root',
  summary: 'Shows the policies that hold.',
  input: z.strictObject({}),
  output: z.strictObject({ items: z.array(policyOutput) }),
  errors: ['access.denied'],
  async run(ports: PolicyPorts) {
    await mayRead(ports);
    return { items: await heldPolicies(ports) };
  },
});

export const policyGet = defineOperation({
  name: 'policy.get',
  room: 'policies',
  kind: 'read',
  permission: 'policy:read',
  node: 'root',
  summary: 'Shows one policy as it holds.',
  input: z.strictObject({ kind: policyKindSchema }),
  output: policyOutput,
  errors: ['access.denied'],
  async run(ports: PolicyPorts, { kind }) {
    await mayRead(ports);
    return (await heldPolicies(ports)).find((policy) => policy.kind === kind);
  },
});

export const policySetOperation = defineOperation({
  name: 'policy.set',
  room: 'policies',
  kind: 'change',
  permission: 'policy:manage',
  node: 'root',
  summary: 'Sets a policy; what the body leaves out becomes the default.',
  input: z.strictObject({
    kind: policyKindSchema,
    body: bodySchema,
    version: z
      .int32()
      .min(0)
      .describe('The version that is to be replaced; 0 while the defaults hold.'),
    reason: z.string().max(1_000).optional().describe('Why, for the log.'),
  }),
  output: policyOutput,
  event: 'policy.set',
  errors: [
    'access.denied',
    'policies.policy_invalid',
    'policies.version_conflict',
    'policies.owners_locked_out',
  ],
  async run(ports: PolicyPorts, { kind, body, version, reason }) {
    const whole = readBody(kind, body);
    const [row] = await rowsOf(
      ports,
      'select to_jsonb(bulkhead.policy_set($1, $2, $3, $4, $5)) as json',
      [kind, JSON.stringify(whole), String(version), ports.ip() ?? null, reason ?? null],
    );
    ports.changed();
    const { json } = row ?? {};
    const made = setRow.parse(typeof json === 'string' ? JSON.parse(json) : json);
    return policyOf(kind, { ...made, set_at: made.set_at.toISOString(), body: whole });
  },
});

export const policyHistory = defineOperation({
  name: 'policy.history',
  room: 'policies',
  kind: 'read',
  permission: 'policy:read',
  node: 'root',
  summary: 'Shows the versions of a policy, the newest first.',
  input: z.strictObject({
    kind: policyKindSchema,
    after: z.int32().min(1).optional().describe('The version that the last page ended with.'),
    limit: z.int().min(1).max(200).default(50),
  }),
  output: z.strictObject({ items: z.array(policyOutput), next: z.string().nullable() }),
  errors: ['access.denied'],
  async run(ports: PolicyPorts, { kind, after, limit }) {
    await mayRead(ports);
    const rows = await rowsOf(
      ports,
      `select ${COLUMNS} from bulkhead.tenant_policy
        where tenant_id = (select bulkhead.tenant_id()) and kind = $1 and ($2::integer is null or version < $2::integer)
        order by version desc limit $3`,
      [kind, after === undefined ? null : String(after), String(limit + 1)],
    );
    const items = rows.slice(0, limit).map((row) => policyOf(kind, row));
    const last = items.at(-1);
    return { items, next: rows.length > limit && last !== undefined ? String(last.version) : null };
  },
});

export const policyPreview = defineOperation({
  name: 'policy.preview',
  room: 'policies',
  kind: 'read',
  permission: 'policy:manage',
  node: 'root',
  summary: 'Says whom a policy would affect, and changes nothing.',
  input: z.strictObject({ kind: policyKindSchema, body: bodySchema }),
  output: previewOutput,
  errors: ['access.denied', 'policies.policy_invalid'],
  async run(ports: PolicyPorts, { kind, body }) {
    const whole = readBody(kind, body);
    await may(ports, 'policy:manage');
    await assertRoles(ports, kind, whole);
    const held = Object.fromEntries(
      (await heldPolicies(ports)).map((each) => [each.kind, each.body]),
    );
    // Each body was read by the schema of its own kind.
    const bodies = held as unknown as PolicyBodies;
    return previewPolicies(
      policySet(bodies),
      policySet({ ...bodies, [kind]: whole }),
      readEntrants(ports),
      ports.nowMs(),
    );
  },
});

/** The operations of the policies room. */
export const policyOperations: readonly OperationDefinition<PolicyPorts>[] = [
  policyList,
  policyGet,
  policySetOperation,
  policyHistory,
  policyPreview,
];

/** @throws `kernel.input_invalid` naming every fault. */
function readBody<K extends PolicyKind>(kind: K, body: unknown): PolicyBodies[K] {
  const parsed = policySchemas[kind].safeParse(body);
  if (!parsed.success) {
    throw kernelError('kernel.input_invalid', { message: z.prettifyError(parsed.error) });
  }
  // The schema of this very kind.
  return parsed.data as PolicyBodies[K];
}

/** @throws `policies.policy_invalid` as setting it would */
async function assertRoles(ports: PolicyPorts, kind: PolicyKind, body: unknown): Promise<void> {
  const [row] = await rowsOf(ports, 'select bulkhead.policy_role_fault($1, $2) as fault', [
    kind,
    JSON.stringify(body),
  ]);
  if (typeof row?.fault !== 'string') return;
  throw policyError('policies.policy_invalid', {
    message: `The policy is not valid: ${row.fault}.`,
  });
}

async function heldPolicies(ports: PolicyPorts): Promise<Policy[]> {
  const rows = await rowsOf(
    ports,
    `${CURRENT} where tenant_id = (select bulkhead.tenant_id()) order by kind, version desc`,
    [],
  );
  return policyKinds.map((kind) =>
    policyOf(
      kind,
      rows.find((row) => row.kind === kind),
    ),
  );
}

function policyOf(kind: PolicyKind, row: Record<string, unknown> | undefined): Policy {
  const body = row?.body;
  return {
    kind,
    version: Number(row?.version ?? 0),
    body: readBody(kind, (typeof body === 'string' ? JSON.parse(body) : body) ?? {}),
    defaults: defaultPolicies[kind],
    changedAt: row === undefined ? null : String(row.set_at),
    changedBy: row === undefined ? null : String(row.set_by),
  };
}

const mayRead = (ports: PolicyPorts) => may(ports, 'policy:read');

async function may(ports: PolicyPorts, permission: string): Promise<void> {
  await rowsOf(ports, 'select bulkhead.require_permission($1, (select bulkhead.tenant_id()))', [
    permission,
  ]);
}

async function rowsOf(
  ports: PolicyPorts,
  text: string,
  values: unknown[],
): Promise<readonly Record<string, unknown>[]> {
  try {
    return (await ports.query(text, values)).rows;
  } catch (error) {
    throw databaseRefusal(error, refusals) ?? error;
  }
}
