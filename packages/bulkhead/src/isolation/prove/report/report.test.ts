import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPaint } from '../../../kernel/terminal/index.ts';
import type { Proof, ProvedObject } from '../model.ts';
import { keptNotes, leakingInvoices, proofOf, undecidedFunction } from '../testdata/proofs.ts';
import { compareWithBaseline, readBaseline } from './baseline.ts';
import {
  ephemeralKey,
  openEnvelope,
  preAuthenticationEncoding,
  publicPem,
  readSigningKey,
  signEnvelope,
} from './dsse.ts';
import { renderFixMigration } from './fix-migration.ts';
import { PREDICATE_TYPE, toStatement } from './in-toto.ts';
import { orderProof } from './order.ts';
import { toSarif } from './sarif.ts';
import { renderText } from './text.ts';

const plain = { paint: createPaint(false), columns: 100 };
const mixed = proofOf([keptNotes, undecidedFunction, leakingInvoices]);

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prove-report-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, text);
  return path;
}

describe('text', () => {
  test('opens with the verdict, then the worst leak with what shows it and what closes it', () => {
    const text = renderText(mixed, plain);
    expect(text).toMatch(/^✖ LEAK {2}1 of 3 objects that app_user reaches/);
    const order = ['The worst', 'What shows it', 'What closes it', '│ verdict', 'Proven'];
    const places = order.map((words) => text.indexOf(words));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  test('says whether the exploit was run', () => {
    expect(renderText(mixed, plain)).toContain(
      'it was run, gave tenant A away, and was rolled back',
    );
  });

  test('a proof without a leak says so first, and never calls unknown safe', () => {
    expect(renderText(proofOf([keptNotes]), plain)).toMatch(/^✔ PROVEN {2}The one object/);
    const unknown = renderText(proofOf([keptNotes, undecidedFunction]), plain);
    expect(unknown).toMatch(/^\? UNKNOWN/);
    expect(unknown).toContain('Unknown is not safe');
  });

  test('tells a grant on every table once, after what somebody wrote', () => {
    const truncatable = ['a', 'b', 'c', 'd', 'e'].map(
      (name): ProvedObject => ({
        ...leakingInvoices,
        object: `public.${name}`,
        findings: leakingInvoices.findings.slice(0, 1).map((finding) => ({
          ...finding,
          kind: 'truncate-privilege',
          why: 'app_user may TRUNCATE the table.',
          severity: 'critical',
          confirmed: false,
        })),
      }),
    );
    const written: ProvedObject = {
      ...leakingInvoices,
      findings: leakingInvoices.findings.map((finding) => ({ ...finding, severity: 'critical' })),
    };
    const text = renderText(proofOf([...truncatable, written]), plain);
    expect(text).toMatch(/The worst {2}public\.invoices/);
    expect(text).toContain('6 leak, 5 through grants alone');
    expect(text).toContain('6 objects');
    expect(text.match(/truncate-privilege/g)).toHaveLength(1);
  });

  test('says what no catalog can see', () => {
    expect(renderText(mixed, plain)).toContain('Caches above the database');
  });

  test('no name in the database can steer the terminal or hide a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        const hostile: ProvedObject = { ...leakingInvoices, object: `public."${name}"` };
        const finding = leakingInvoices.findings[0];
        if (finding === undefined) throw new Error('the sample has a finding');
        const proof = proofOf([
          { ...hostile, findings: [{ ...finding, why: name, exploit: name, fix: name }] },
        ]);
        const text = renderText({ ...proof, database: name, role: name }, plain);
        // SQL keeps its lines and tabs.
        expect(text.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
      { numRuns: 60 },
    );
  });

  test('a look-alike name shows which letters it holds', () => {
    const text = renderText(proofOf([{ ...leakingInvoices, object: 'public.usеrs' }]), plain);
    expect(text).toContain('public.usеrs (U+0435)');
  });
});

describe('order', () => {
  test('is the same whatever order the rules ran in', () => {
    const shuffled = fc.shuffledSubarray([keptNotes, undecidedFunction, leakingInvoices], {
      minLength: 3,
    });
    fc.assert(
      fc.property(shuffled, (objects) => {
        const turned = objects.map((one) => ({ ...one, findings: [...one.findings].reverse() }));
        expect(JSON.stringify(orderProof(proofOf(turned)))).toBe(JSON.stringify(orderProof(mixed)));
      }),
    );
  });

  test('JSON holds what was promised, key by key', () => {
    const [first] = orderProof(mixed).objects;
    expect(Object.keys(orderProof(mixed)).slice(0, 5)).toEqual([
      'version',
      'database',
      'role',
      'summary',
      'objects',
    ]);
    expect(first?.object).toBe('public.invoices');
    expect(Object.keys(first?.findings[0] ?? {})).toEqual([
      'kind',
      'why',
      'exploit',
      'confirmed',
      'fix',
      'severity',
    ]);
  });
});

describe('baseline', () => {
  const baselineOf = async (proof: Proof) => readBaseline(await fileWith(JSON.stringify(proof)));

  test('what is in it does not fail, what is new does', async () => {
    const before = await baselineOf(proofOf([keptNotes, undecidedFunction, leakingInvoices]));
    expect(compareWithBaseline(mixed, before)).toMatchObject({ verdict: 'proven', fresh: [] });

    const renamed = { ...leakingInvoices, object: 'public.orders' };
    const compared = compareWithBaseline(proofOf([leakingInvoices, renamed]), before);
    expect(compared.verdict).toBe('leak');
    expect(compared.fresh.map(({ at }) => at.object)).toEqual(['public.orders', 'public.orders']);
  });

  test('another kind of hole in a known object is new', async () => {
    const [only] = leakingInvoices.findings;
    const before = await baselineOf(
      proofOf([{ ...leakingInvoices, findings: only === undefined ? [] : [only] }]),
    );
    const { fresh } = compareWithBaseline(proofOf([leakingInvoices]), before);
    expect(fresh.map(({ finding }) => finding.kind)).toEqual(['truncate-privilege']);
  });

  test('what was unknown and is now a leak is new; the other way round is not', async () => {
    const asLeak: ProvedObject = { ...undecidedFunction, verdict: 'leak' };
    const knewUnknown = await baselineOf(proofOf([undecidedFunction]));
    expect(compareWithBaseline(proofOf([asLeak]), knewUnknown).verdict).toBe('leak');
    const knewLeak = await baselineOf(proofOf([asLeak]));
    expect(compareWithBaseline(proofOf([undecidedFunction]), knewLeak).verdict).toBe('proven');
  });

  test.each(['', '[]', '{"version":2,"objects":[]}', '{"version":1}', 'not json'])(
    'refuses %j',
    async (text) => {
      const path = await fileWith(text);
      await expect(readBaseline(path)).rejects.toMatchObject({
        code: 'isolation.prove_baseline_invalid',
      });
    },
  );
});

describe('fix', () => {
  test('policies come before their switch, rights last, nothing twice, all in one transaction', async () => {
    const again = { ...leakingInvoices, object: 'public.invoices_view', type: 'view' as const };
    const { sql, fixed, left } = await renderFixMigration(proofOf([leakingInvoices, again]));
    const order = ['begin;', 'create policy', 'enable row level security', 'revoke', 'commit;'];
    const places = order.map((words) => sql.indexOf(words));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(sql.match(/create policy/g)).toHaveLength(1);
    expect({ fixed, left }).toEqual({ fixed: 4, left: 0 });
  });

  test('what no statement closes is listed as a comment', async () => {
    const open: ProvedObject = {
      ...leakingInvoices,
      findings: leakingInvoices.findings.map((one) => ({ ...one, fix: null })),
    };
    const { sql } = await renderFixMigration(proofOf([open]));
    expect(sql.split('\n').every((line) => line === '' || line.startsWith('--'))).toBe(true);
    expect(sql).toContain('public.invoices: rls-not-enabled');
  });

  test('a name with a newline stays inside its comment', async () => {
    const hostile = { ...leakingInvoices, object: 'public."x\ndrop table invoices; --"' };
    const { sql } = await renderFixMigration(proofOf([hostile]));
    expect(sql).not.toMatch(/^drop/m);
  });

  test('what may not run in a transaction comes after it', async () => {
    const [first] = leakingInvoices.findings;
    if (first === undefined) throw new Error('the sample has a finding');
    const fix = 'create unique index concurrently i on public.invoices (tenant_id, id)';
    const { sql } = await renderFixMigration(
      proofOf([
        { ...leakingInvoices, findings: [first, { ...first, kind: 'unique-oracle', fix }] },
      ]),
    );
    expect(sql.indexOf('concurrently')).toBeGreaterThan(sql.indexOf('commit;'));
  });
});

describe('attestation', () => {
  const statement = toStatement(mixed, {
    subjects: [{ name: '0001_init.sql', sha256: 'ab'.repeat(32) }],
    version: '0.1.0',
    serverVersion: '18.1',
    provedAt: new Date('2026-01-02T03:04:05Z'),
  });

  test('is an in-toto Statement v1 with our predicate, and holds no exploit', () => {
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: PREDICATE_TYPE,
      subject: [{ name: '0001_init.sql', digest: { sha256: 'ab'.repeat(32) } }],
      predicate: { verdict: 'leak', summary: { proven: 1, leak: 1, unknown: 1 } },
    });
    expect(JSON.stringify(statement)).not.toContain('select * from');
  });

  test('opens with its key alone, and not after a byte was changed', () => {
    const key = ephemeralKey();
    const envelope = signEnvelope(statement, key);
    const publicKey = createPublicKey(publicPem(key));
    expect(openEnvelope(envelope, publicKey)).toEqual(statement);
    expect(openEnvelope(envelope, createPublicKey(ephemeralKey()))).toBeUndefined();
    const payload = Buffer.from(JSON.stringify({ ...statement, predicate: {} })).toString('base64');
    expect(openEnvelope({ ...envelope, payload }, publicKey)).toBeUndefined();
    expect(openEnvelope({ ...envelope, payloadType: 'text/plain' }, publicKey)).toBeUndefined();
  });

  test('signs the encoding that DSSE prescribes', () => {
    // The key and the vector of the specification are ECDSA; what is signed is told by its own example.
    expect(
      preAuthenticationEncoding(
        'http://example.com/HelloWorld',
        Buffer.from('hello world'),
      ).toString(),
    ).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  test('a key of another kind, a public key and no key are refused', async () => {
    const publicOnly = publicPem(ephemeralKey());
    for (const text of [publicOnly, 'nothing', '']) {
      await expect(readSigningKey(await fileWith(text))).rejects.toMatchObject({
        code: 'isolation.prove_key_invalid',
      });
    }
    await expect(readSigningKey('/nowhere/key.pem')).rejects.toMatchObject({
      code: 'isolation.prove_key_invalid',
    });
  });
});

describe('SARIF', () => {
  test('one result a finding, one rule a kind, fingerprints that stay', () => {
    const [run] = runsOf(toSarif(mixed, { version: '0.1.0' }));
    expect(run.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['rls-not-enabled', 'error'],
      ['truncate-privilege', 'error'],
      ['dynamic-sql', 'note'],
    ]);
    for (const { ruleId, ruleIndex } of run.results) {
      expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    }
    const reworded = toSarif(
      proofOf([
        {
          ...leakingInvoices,
          findings: leakingInvoices.findings.map((one) => ({ ...one, why: 'other words' })),
        },
      ]),
      { version: '0.2.0' },
    );
    expect(runsOf(reworded)[0].results[0]?.partialFingerprints).toEqual(
      run.results[0]?.partialFingerprints,
    );
  });

  test('points at the statement of a migration where there is one', () => {
    const [run] = runsOf(
      toSarif(mixed, {
        version: '0.1.0',
        locate: (object) =>
          object === 'public.invoices' ? { path: 'db/0001 init.sql', line: 7 } : undefined,
      }),
    );
    expect(run.results[0]?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'db/0001%20init.sql' },
      region: { startLine: 7 },
    });
  });
});

interface SarifRun {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly partialFingerprints: Readonly<Record<string, string>>;
    readonly locations: readonly { readonly physicalLocation: unknown }[];
  }[];
}

function runsOf(document: Record<string, unknown>): [SarifRun, ...SarifRun[]] {
  return document.runs as [SarifRun, ...SarifRun[]];
}
