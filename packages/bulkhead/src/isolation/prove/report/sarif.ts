/**
 * The report as SARIF 2.1.0, for code scanning.
 *
 * Promises: one result a finding and one rule a kind; a finding keeps its fingerprint as long as its object and
 * kind do, so an alert is not opened twice. A database has no lines: where the migrations are at hand the
 * location is the statement that made the object, else a path named after the object.
 */
import { createHash } from 'node:crypto';
import type { Proof, ProvedObject, Severity } from '../model.ts';
import type { Comparison } from './baseline.ts';
import { orderProof, type Placed, placedFindings } from './order.ts';

export interface SourceLocation {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly line: number;
}

export interface SarifOptions {
  /** Bulkhead's own version. */
  readonly version: string;
  readonly comparison?: Comparison;
  /** Where an object was made, when migrations were proved. */
  readonly locate?: (object: string) => SourceLocation | undefined;
}

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const GUIDE = 'https://bulkhead.dev/guides/prove';

/** GitHub sorts alerts by this number: over 9 critical, over 7 high, over 4 medium. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
};

export function toSarif(given: Proof, options: SarifOptions): Record<string, unknown> {
  const proof = orderProof(given);
  const findings = placedFindings(proof);
  const rules = [...new Set(findings.map(({ finding }) => finding.kind))].sort();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'bulkhead prove',
            semanticVersion: options.version,
            informationUri: GUIDE,
            rules: rules.map((kind) => ruleOf(kind, findings)),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((one) => resultOf(one, rules, options)),
        properties: {
          database: proof.database,
          role: proof.role,
          summary: proof.summary,
          notSeen: proof.notSeen,
        },
      },
    ],
  };
}

/** A kind can be worse in one object than in another: the rule carries the worst seen. */
function ruleOf(kind: string, findings: readonly Placed[]): Record<string, unknown> {
  const worst = findings.find(({ finding }) => finding.kind === kind);
  const severity = worst?.finding.severity ?? 'low';
  return {
    id: kind,
    name: kind.replace(/(^|-)([a-z0-9])/g, (_, _dash, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `Tenant isolation: ${kind.replaceAll('-', ' ')}` },
    helpUri: GUIDE,
    defaultConfiguration: { level: worst === undefined ? 'note' : levelOf(worst.at, severity) },
    properties: {
      tags: ['security', 'tenant-isolation', 'postgresql'],
      'security-severity': SECURITY_SEVERITY[severity],
    },
  };
}

function resultOf(
  { at, finding }: Placed,
  rules: readonly string[],
  options: SarifOptions,
): Record<string, unknown> {
  const place = options.locate?.(at.object);
  return {
    ruleId: finding.kind,
    ruleIndex: rules.indexOf(finding.kind),
    level: levelOf(at, finding.severity),
    message: { text: messageOf(at, finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodePath(place?.path ?? pathOf(at)) },
          region: { startLine: place?.line ?? 1 },
        },
        logicalLocations: [{ fullyQualifiedName: at.object, kind: at.type }],
      },
    ],
    partialFingerprints: { 'bulkheadFinding/v1': fingerprint(at.object, finding.kind) },
    ...(options.comparison === undefined
      ? {}
      : { baselineState: options.comparison.isKnown(at, finding) ? 'unchanged' : 'new' }),
    properties: {
      verdict: at.verdict,
      severity: finding.severity,
      confirmed: finding.confirmed,
      exploit: finding.exploit,
      fix: finding.fix,
    },
  };
}

function levelOf(at: ProvedObject, severity: Severity): 'error' | 'warning' | 'note' {
  if (at.verdict !== 'leak') return 'note';
  return severity === 'critical' || severity === 'high' ? 'error' : 'warning';
}

function messageOf(at: ProvedObject, finding: Placed['finding']): string {
  const parts = [
    `${at.object}: ${finding.why}`,
    ...(finding.exploit === null
      ? []
      : [`What shows it${finding.confirmed ? ' (run and rolled back)' : ''}:\n${finding.exploit}`]),
    ...(finding.fix === null ? [] : [`What closes it:\n${finding.fix}`]),
  ];
  return parts.join('\n\n');
}

function fingerprint(object: string, kind: string): string {
  return createHash('sha256')
    .update(JSON.stringify([object, kind]))
    .digest('hex');
}

function pathOf({ object, type }: ProvedObject): string {
  return `database/${type}/${object}.sql`;
}

/** Names may hold anything (but no lone surrogate: they came as UTF-8); a URI may not. */
function encodePath(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
}
