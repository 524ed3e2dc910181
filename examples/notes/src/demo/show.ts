/** What the demo shows once it is up: the attack and its outcome, a crossing, and where to click. */
import { attack, type AttackReport as RawAttackReport } from 'bulkhead/attack';
import pg from 'pg';
import { type AttackPerson, type AttackReport, runAttack } from '../attack/run-attack.ts';
import { STAFF } from '../seed/accounts.ts';
import type { SeedOrganization } from '../seed/organization.ts';
import { tenantIdOf } from '../seed/rows.ts';
import { DEMO_PASSWORD, ORGANIZATIONS } from '../seed/seed.ts';
import { consoleUrl } from './console.ts';
import type { Screen } from './screen.ts';
import type { Demo } from './start.ts';

/** Enough for every prepared statement on a quiet machine. */
const SECONDS_WITH_PASSWORD = 5;

function firstPerson(organization: SeedOrganization): AttackPerson & { readonly name: string } {
  const [person] = organization.people;
  if (person === undefined) throw new Error(`${organization.name} has no people`);
  return {
    name: person.name,
    slug: organization.slug,
    tenantId: tenantIdOf(organization),
    email: `${person.login}@${organization.domain}`,
    password: DEMO_PASSWORD,
  };
}

export async function attackDemo(demo: Demo, screen: Screen): Promise<AttackReport> {
  const [first, second] = ORGANIZATIONS;
  if (first === undefined || second === undefined)
    throw new Error('an attack needs two organizations');
  const attacker = firstPerson(second);
  screen.line();
  screen.line(
    `Then through its own pages, signed in as ${screen.strong(`${attacker.name} of ${second.name}`)}.`,
  );
  screen.line(
    screen.faint(
      'Some routes paste what they are given into SQL, on purpose. Every answer is searched for every other organization’s data.',
    ),
  );
  screen.line();
  const admin = new pg.Client({ connectionString: demo.superuserUrl });
  await admin.connect();
  try {
    return await runAttack({
      origin: `http://127.0.0.1:${demo.port}`,
      admin,
      contextKey: demo.secrets.contextKey,
      attacker,
      victim: firstPerson(first),
      onAttempt: (count, total, family) => screen.bar(count, total, family),
    });
  } finally {
    await admin.end();
  }
}

export function showReport(report: AttackReport, screen: Screen): void {
  const sum = (pick: (counts: Readonly<Record<string, number>>) => number) =>
    [...report.families.values()].reduce((total, counts) => total + pick(counts), 0);
  const count = (number: number) => (number === 0 ? screen.faint('·') : String(number));
  const foreign = (number: number) =>
    number === 0 ? screen.good('0') : screen.bad(String(number));
  const foreignOf = (family: string) =>
    report.leaks
      .filter((leak) => leak.attempt.family === family)
      .reduce((total, leak) => total + leak.judgement.foreignBytes, 0);
  const rows = [...report.families].map(([family, counts]) => [
    family,
    String(Object.values(counts).reduce((total, one) => total + one, 0)),
    count(counts['refused by the guard']),
    count(counts['own rows only']),
    count(counts['empty or denied']),
    foreign(foreignOf(family)),
  ]);
  rows.push([
    'all',
    String(report.attempts),
    String(sum((counts) => counts['refused by the guard'] ?? 0)),
    String(sum((counts) => counts['own rows only'] ?? 0)),
    String(sum((counts) => counts['empty or denied'] ?? 0)),
    foreign(report.foreignBytes),
  ]);
  screen.table(
    ['attack', 'attempts', 'refused by guard', 'own rows only', 'empty or denied', 'foreign bytes'],
    rows,
  );
  screen.line();
  if (report.leaks.length === 0) {
    screen.line(
      screen.good('Not one byte crossed.') +
        screen.faint(
          ' And after each attempt both organizations’ honest requests answered as before.',
        ),
    );
    return;
  }
  screen.line(screen.bad(`${report.leaks.length} attempts got through:`));
  for (const { attempt, judgement } of report.leaks.slice(0, 20)) {
    screen.line(
      `  ${attempt.method} ${decodeURIComponent(attempt.path)}: ${judgement.evidence ?? ''}`,
    );
  }
}

/** The first act: the app's own password is stolen, and every statement goes straight to the database. */
export async function attackWithPassword(demo: Demo, screen: Screen): Promise<RawAttackReport> {
  const [, organization] = ORGANIZATIONS;
  if (organization === undefined) throw new Error('an attack needs an organization');
  screen.line();
  screen.line(
    `Now it is attacked. First with the app’s ${screen.strong('stolen database password')}, past the app and its guard, straight to PostgreSQL:`,
  );
  screen.line();
  const report = await attack({
    adminUrl: demo.superuserUrl,
    appUrl: demo.appUrl,
    contextKey: demo.secrets.contextKey,
    drivers: ['raw'],
    tenant: organization.slug,
    seconds: SECONDS_WITH_PASSWORD,
    onProgress: ({ done, total, family }) => screen.bar(done, total, family),
  });
  const findings = report.families.flatMap((family) => family.findings);
  screen.line(
    report.verdict === 'held'
      ? `${screen.good('Held.')} ${report.attempts} statements of ${report.families.length} families, every answer searched for ${report.canaries} marks of the others: ${screen.good('0')} came back.${report.cutShort ? screen.faint(` Cut short after ${SECONDS_WITH_PASSWORD} s.`) : ''}`
      : screen.bad(
          findings.length > 0
            ? `${findings.length} statements got through: ${findings[0]?.statement ?? ''}`
            : `Rows of others changed: ${report.rowsChanged.map((one) => JSON.stringify(one)).join(', ')}`,
        ),
  );
  return report;
}

/** Crossing on purpose: allowed to staff alone, with a reason that is on record before the first row. */
export async function showCrossing(demo: Demo, screen: Screen): Promise<void> {
  const reason = 'demo: how many notes does each organization have?';
  const counted = await demo.app.bulkhead.asOperator(
    { reason, actor: { type: 'operator', id: 'demo' } },
    () =>
      demo.app.pool.query<{ tenant_id: string; count: number }>(
        'select tenant_id, count(*)::integer as count from note group by tenant_id',
      ),
  );
  const counts = ORGANIZATIONS.map((one) => {
    const found = counted.rows.find((row) => row.tenant_id === tenantIdOf(one));
    return `${one.name} ${found?.count ?? 0}`;
  });
  screen.line();
  screen.line(screen.strong('Crossing on purpose'));
  screen.line(
    screen.faint(
      `bulkhead.asOperator({ reason: '${reason}' }, …), on record in bulkhead.operator_crossing`,
    ),
  );
  screen.line(`Notes: ${counts.join(', ')}`);
}

export function showDoors(demo: Demo, screen: Screen): void {
  screen.line();
  screen.line(screen.strong('The console') + screen.faint('  for those who run the product'));
  screen.line(consoleUrl(demo));
  columns(
    screen,
    STAFF.map(({ email, title }) => [
      email,
      title === 'operator'
        ? 'operator: sees every organization, and steers'
        : 'auditor: sees the same, changes nothing',
    ]),
  );
  screen.line(
    screen.faint('The three organizations are at work now, and every so often somebody attacks.'),
  );
  screen.line();
  screen.line(screen.strong('The app') + screen.faint('  for its customers'));
  columns(screen, [
    [`http://localhost:${demo.port}/`, 'everyone who can sign in; once in, “Try to break out”'],
    ...ORGANIZATIONS.map((organization) => [
      `http://${organization.slug}.localhost:${demo.port}/sign-in`,
      `as ${firstPerson(organization).email}, or below /t/${organization.slug}/`,
    ]),
  ]);
  screen.line();
  screen.line(`Everyone’s password is ${screen.strong(DEMO_PASSWORD)}`);
}

function columns(screen: Screen, rows: readonly (readonly string[])[]): void {
  const width = Math.max(...rows.map(([first = '']) => first.length));
  for (const [first = '', second = ''] of rows)
    screen.line(`${first.padEnd(width)}  ${screen.faint(second)}`);
}
