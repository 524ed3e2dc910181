/**
 * The one order of reports: worst first, then by name, whatever order the rules ran in.
 *
 * Promises: two runs over the same database give the same text, byte for byte, so reports can be compared and
 * committed. Names are compared by code unit, never by the reader's locale.
 */
import type { Proof, ProvedObject, Severity, Verdict } from '../model.ts';

export type ProvedFinding = ProvedObject['findings'][number];

const VERDICTS: readonly Verdict[] = ['leak', 'unknown', 'proven'];
const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

export function orderProof(proof: Proof): Proof {
  const objects = proof.objects.map((one) => ({
    object: one.object,
    type: one.type,
    verdict: one.verdict,
    because: one.because,
    findings: [...one.findings]
      .sort(compareFindings)
      .map(({ kind, why, exploit, confirmed, fix, severity }) => ({
        kind,
        why,
        exploit,
        confirmed,
        fix,
        severity,
      })),
  }));
  return {
    version: proof.version,
    database: proof.database,
    role: proof.role,
    summary: proof.summary,
    objects: objects.sort(compareObjects),
    convention: proof.convention,
    notSeen: proof.notSeen,
  };
}

export function compareObjects(left: ProvedObject, right: ProvedObject): number {
  return (
    VERDICTS.indexOf(left.verdict) - VERDICTS.indexOf(right.verdict) ||
    compareText(left.object, right.object) ||
    compareText(left.type, right.type)
  );
}

export function compareFindings(left: ProvedFinding, right: ProvedFinding): number {
  return (
    SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity) ||
    Number(right.confirmed) - Number(left.confirmed) ||
    compareText(left.kind, right.kind) ||
    compareText(left.why, right.why)
  );
}

export interface Placed {
  readonly at: ProvedObject;
  readonly finding: ProvedFinding;
}

/** What a GRANT ALL brings along, on as many tables as it names. */
const BY_GRANT: ReadonlySet<string> = new Set([
  'truncate-privilege',
  'trigger-privilege',
  'references-privilege',
]);

export const isByGrantAlone = ({ kind }: ProvedFinding): boolean => BY_GRANT.has(kind);

/**
 * Every finding with its object: leaks before what is not decided, the worst and surest first; what a grant makes
 * on every table after what somebody wrote.
 */
export function placedFindings(proof: Proof): Placed[] {
  return proof.objects
    .flatMap((at) => at.findings.map((finding) => ({ at, finding })))
    .sort(
      (left, right) =>
        VERDICTS.indexOf(left.at.verdict) - VERDICTS.indexOf(right.at.verdict) ||
        SEVERITIES.indexOf(left.finding.severity) - SEVERITIES.indexOf(right.finding.severity) ||
        Number(isByGrantAlone(left.finding)) - Number(isByGrantAlone(right.finding)) ||
        compareFindings(left.finding, right.finding) ||
        compareObjects(left.at, right.at),
    );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
