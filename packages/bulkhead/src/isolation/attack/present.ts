/** Shows a report to a person: a line a family, the findings in full, then the verdict. */
import type { CommandIo } from '../../kernel/command.ts';
import type { AttackFinding, AttackReport, FamilyReport } from './report.ts';

const SHOWN_FINDINGS_MAX = 20;

export function presentReport(io: CommandIo, report: AttackReport): void {
  const { paint } = io;
  io.table(
    ['attack', 'by', 'tried', 'guard', 'error', 'empty', 'own', 'leaked'],
    report.families.map((family) => row(io, family)),
  );
  io.line(
    paint.faint(
      'guard: refused by the statement guard. error: by PostgreSQL. own: rows of the attacker alone.\nleaked: bytes of other tenants.',
    ),
  );
  presentFindings(io, report);
  for (const { table, why } of report.unjudged) {
    io.line(`${paint.warning('!')} ${table} was not judged: ${why}.`);
  }
  if (report.cutShort) {
    io.line(
      `${paint.warning('!')} Time or statements ran out before every attack was tried; give it more.`,
    );
  }
  io.line();
  io.line(verdict(io, report));
}

function row({ paint }: CommandIo, family: FamilyReport): string[] {
  const isHeld = family.findings.length === 0;
  const count = (value: number): string => (value === 0 ? paint.faint('·') : String(value));
  return [
    `${isHeld ? paint.ok('✔') : paint.fault('✖')} ${family.name}`,
    family.driver,
    String(family.attempts),
    count(family.refused),
    count(family.denied),
    count(family.empty),
    count(family.ownRows),
    isHeld ? paint.ok('0') : paint.fault(String(family.foreignBytes)),
  ];
}

function presentFindings(io: CommandIo, report: AttackReport): void {
  const findings = report.families.flatMap((family) => family.findings);
  for (const finding of findings.slice(0, SHOWN_FINDINGS_MAX)) presentFinding(io, finding);
  if (findings.length > SHOWN_FINDINGS_MAX) {
    io.line(`… and ${findings.length - SHOWN_FINDINGS_MAX} more; --json has them all.`);
  }
  for (const { table, tenant, rowsBefore, rowsAfter } of report.rowsChanged) {
    io.line(
      `${io.paint.fault('✖')} ${table}: rows of ${tenant} changed during the attack (${rowsBefore} before, ${rowsAfter} after).`,
    );
  }
  for (const { table, tenant } of report.ownRowsChanged) {
    io.line(`${io.paint.warning('!')} ${table}: rows of ${tenant} changed during the attack.`);
  }
}

function presentFinding({ paint, line }: CommandIo, finding: AttackFinding): void {
  line();
  line(
    `${paint.fault('✖')} ${paint.strong(finding.object)} ${paint.faint(`${finding.family}, ${finding.driver}`)}`,
  );
  line(`  ${finding.seen}`);
  for (const statement of finding.reproduce.split('\n')) line(`  ${paint.accent(statement)}`);
}

function verdict({ paint }: CommandIo, report: AttackReport): string {
  const seconds = (report.durationMs / 1000).toFixed(1);
  const size = `${report.attempts} attempts in ${seconds} s as tenant ${report.tenant} against ${report.tenantsAttacked} other${report.tenantsAttacked === 1 ? '' : 's'} (seed ${report.seed})`;
  if (report.verdict === 'held') {
    return `${paint.ok(paint.strong('HELD'))}  ${size}: not one byte of another tenant’s came back, not one row changed.`;
  }
  const count =
    report.families.reduce((sum, { findings }) => sum + findings.length, 0) +
    report.rowsChanged.length;
  return `${paint.fault(paint.strong('LEAK'))}  ${size}: ${count} ${count === 1 ? 'way' : 'ways'} across found.`;
}
