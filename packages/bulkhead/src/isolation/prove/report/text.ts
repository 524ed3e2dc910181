/**
 * The report for a person, in the order a colleague would tell it: the verdict, the worst leak with what
 * shows it and what closes it, then everything else as a table, then what was not looked at.
 *
 * Promises: nothing from the database reaches the terminal unescaped (see `shown.ts`).
 */
import type { Paint } from '../../../kernel/terminal/index.ts';
import { renderTable } from '../../../kernel/terminal/index.ts';
import type { ObjectType, Proof, Severity } from '../model.ts';
import type { Comparison } from './baseline.ts';
import { countByGrantAlone, type Folded, foldGrants } from './fold-grants.ts';
import { orderProof, type Placed, placedFindings } from './order.ts';
import { indented, shownLine, shownName, wrapped } from './shown.ts';

export interface TextOptions {
  readonly paint: Paint;
  readonly columns: number;
  /** What `--baseline` knows already. */
  readonly comparison?: Comparison;
  /** The file that `--fix` wrote; without it the report says how to get one. */
  readonly fixFile?: string;
  readonly elapsedMs?: number;
}

/** Longer tables go to `--format json`; a person reads no more. */
const ROWS_MAX = 200;
const PROVEN_NAMES_MAX = 12;
const ALIKE_NAMES_MAX = 3;

export function renderText(given: Proof, options: TextOptions): string {
  const proof = orderProof(given);
  const findings = placedFindings(proof);
  const sections = [
    headline(proof, options),
    worst(proof, findings, options),
    others(findings, options),
    undecidedWithoutFinding(proof, options),
    proven(proof, options),
    blindness(proof, options),
    next(proof, findings, options),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function headline(proof: Proof, { paint, columns, elapsedMs }: TextOptions): string {
  const { leak, unknown, proven: shown } = proof.summary;
  const total = leak + unknown + shown;
  const role = shownName(proof.role);
  const verdict =
    leak > 0
      ? `${paint.fault(paint.strong('✖ LEAK'))}  ${leak} of ${count(total, 'object')} that ${role} reaches let one tenant see or touch another's data.`
      : unknown > 0
        ? `${paint.warning(paint.strong('? UNKNOWN'))}  No leak was found, but ${unknown} of ${count(total, 'object')} that ${role} reaches could not be decided.`
        : `${paint.ok(paint.strong('✔ PROVEN'))}  ${total === 1 ? 'The one object' : `All ${total} objects`} that ${role} reaches keep${total === 1 ? 's' : ''} tenants apart.`;
  const alone = countByGrantAlone(proof.objects);
  const { expression, setting, tenantColumns } = proof.convention;
  const by = expression ?? (setting === null ? null : `current_setting('${setting}')`);
  const facts = [
    `database ${shownName(proof.database)}`,
    `${shown} proven`,
    `${leak} leak${alone === 0 ? '' : `, ${alone === leak ? 'all' : alone} through grants alone`}`,
    `${unknown} unknown`,
    by === null ? 'no tenant convention found' : `tenant by ${shownLine(by)}`,
    ...(tenantColumns.length === 0
      ? []
      : [`in ${tenantColumns.slice(0, 3).map(shownName).join(', ')}`]),
    ...(elapsedMs === undefined ? [] : [`${(elapsedMs / 1000).toFixed(1)} s`]),
  ];
  return `${verdict}\n${paint.faint(wrapped(facts.join(' · '), columns, '  '))}`;
}

function worst(proof: Proof, findings: readonly Placed[], options: TextOptions): string {
  const [first] = findings;
  if (first === undefined || first.at.verdict !== 'leak') return '';
  const { paint, columns } = options;
  const { at, finding } = first;
  const lines = [
    `${paint.strong('The worst')}  ${paint.accent(shownName(at.object))} ${paint.faint(`(${at.type})`)}  ${severity(finding.severity, paint)}  ${finding.kind}`,
    wrapped(sentence(finding.why), columns, '  '),
  ];
  if (finding.exploit !== null) {
    lines.push(
      '',
      `  ${paint.strong('What shows it')}${paint.faint(`, as ${shownName(proof.role)} with tenant B in the context${finding.confirmed ? '; it was run, gave tenant A away, and was rolled back' : '; it was not run'}:`)}`,
      indented(finding.exploit, '    '),
    );
  }
  lines.push(
    '',
    finding.fix === null
      ? wrapped(
          'No statement closes it by itself: a person must decide what is meant.',
          columns,
          '  ',
        )
      : `  ${paint.strong('What closes it')}\n${indented(finding.fix, '    ')}`,
  );
  return lines.join('\n');
}

function others(findings: readonly Placed[], options: TextOptions): string {
  if (findings.length === 0) return '';
  const { paint, columns, comparison } = options;
  const row = ({ at, finding, alike }: Folded): string[] => [
    at.verdict === 'leak' ? paint.fault('leak') : paint.warning('unknown'),
    alike.length === 1 ? shownName(at.object) : `${alike.length} objects`,
    finding.kind,
    severity(finding.severity, paint),
    finding.confirmed ? 'run' : '',
    ...(comparison === undefined ? [] : [comparison.isKnown(at, finding) ? 'known' : 'NEW']),
    alike.length === 1
      ? shownLine(finding.why)
      : shownLine(sentence(finding.why)) + alikeNames(alike),
  ];
  const head = [
    'verdict',
    'object',
    'kind',
    'severity',
    'shown',
    ...(comparison === undefined ? [] : ['']),
    'why',
  ];
  const folded = foldGrants(findings, ({ at, finding }) =>
    String(comparison?.isKnown(at, finding)),
  );
  const rows = folded.slice(0, ROWS_MAX).map(row);
  const table = renderTable(head, rows, { paint, columns: Math.max(columns, 100) });
  const left = folded.length - rows.length;
  return left === 0 ? table : `${table}\n${left} more are in --format json.`;
}

/** The first of those told in one row. */
function alikeNames(alike: Folded['alike']): string {
  if (alike.length === 1) return '';
  const names = alike.slice(0, ALIKE_NAMES_MAX).map(({ object }) => shownName(object));
  return ` So it is with ${names.join(', ')} and ${alike.length - names.length} more.`;
}

/** An object can be undecided as a whole, such as one whose definition could not be read. */
function undecidedWithoutFinding(proof: Proof, { paint, columns }: TextOptions): string {
  const bare = proof.objects.filter((one) => one.verdict !== 'proven' && one.findings.length === 0);
  if (bare.length === 0) return '';
  const names = bare.slice(0, ROWS_MAX).map((one) => shownName(one.object));
  return `${paint.strong('Not decided')}\n${wrapped(names.join(', '), columns, '  ')}`;
}

function proven(proof: Proof, { paint, columns }: TextOptions): string {
  const objects = proof.objects.filter((one) => one.verdict === 'proven');
  if (objects.length === 0) return '';
  const types = new Map<ObjectType, number>();
  for (const { type } of objects) types.set(type, (types.get(type) ?? 0) + 1);
  const counts = [...types].map(([type, number]) => count(number, type)).join(', ');
  const names = objects.slice(0, PROVEN_NAMES_MAX).map((one) => shownName(one.object));
  const rest = objects.length - names.length;
  const list = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return `${paint.strong('Proven')} ${paint.faint(counts)}\n${wrapped(list, columns, '  ')}`;
}

function blindness({ notSeen }: Proof, { paint, columns }: TextOptions): string {
  if (notSeen.length === 0) return '';
  const items = notSeen.map((text) => `  - ${wrapped(text, columns, '    ').trimStart()}`);
  return `${paint.strong('What no catalog can see')}\n${items.join('\n')}`;
}

function next(proof: Proof, findings: readonly Placed[], options: TextOptions): string {
  const { paint, comparison, fixFile } = options;
  const lines: string[] = [];
  if (comparison !== undefined) {
    lines.push(
      comparison.fresh.length === 0
        ? `${paint.ok('Nothing new')} beside the ${count(comparison.knownCount, 'finding')} of the baseline.`
        : `${paint.fault(`${count(comparison.fresh.length, 'finding')} new`)} beside the ${comparison.knownCount} of the baseline.`,
    );
  }
  const fixable = findings.filter(({ finding }) => finding.fix !== null).length;
  if (fixFile !== undefined)
    lines.push(`The migration is in ${fixFile}. Read it before you run it.`);
  else if (fixable > 0) {
    lines.push(
      `bulkhead prove … --fix fix.sql writes ${fixable === 1 ? 'the fix' : `the ${fixable} fixes`} as one migration.`,
    );
  }
  if (proof.summary.unknown > 0) {
    lines.push('Unknown is not safe: read what could not be decided, and decide it by eye.');
  }
  return lines.join('\n');
}

function severity(value: Severity, paint: Paint): string {
  const colour = value === 'critical' || value === 'high' ? paint.fault : paint.warning;
  return value === 'low' ? value : colour(value);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A sentence that opens with a name keeps it as it is written. */
function sentence(text: string): string {
  const opened = /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(opened) ? opened : `${opened}.`;
}
