/**
 * Minor versions of PostgreSQL with published holes in row-level security or statistics.
 */
import type { Rule } from '../world.ts';
import { onOther } from './finding.ts';

/** First fixed minor of each major; a major that is not listed never had the hole. */
const HOLES: readonly {
  readonly cve: string;
  readonly fixed: Readonly<Record<number, number>>;
  readonly what: string;
}[] = [
  {
    cve: 'CVE-2023-2455',
    fixed: { 15: 3 },
    what: 'policies of the wrong role apply after a function is inlined',
  },
  { cve: 'CVE-2023-39418', fixed: { 15: 4 }, what: 'MERGE ignores UPDATE and SELECT policies' },
  {
    cve: 'CVE-2024-4317',
    fixed: { 15: 7, 16: 3 },
    what: 'extended statistics show values of rows one may not read',
  },
  {
    cve: 'CVE-2024-10976',
    fixed: { 15: 9, 16: 5, 17: 1 },
    what: 'a reused plan applies the policies of another role',
  },
  {
    cve: 'CVE-2025-8713',
    fixed: { 15: 14, 16: 10, 17: 6 },
    what: "planner statistics show other tenants' values through views and partitions",
  },
];

export const serverVersion: Rule = ({ catalog }) => {
  const { versionNumber, version, database } = catalog.server;
  const major = Math.floor(versionNumber / 10_000);
  const minor = versionNumber % 10_000;
  return HOLES.filter(({ fixed }) => minor < (fixed[major] ?? 0)).map(({ cve, what, fixed }) =>
    onOther(`database:${database}`, 'database', {
      kind: `server-${cve.toLowerCase()}`,
      severity: 'medium',
      why: `PostgreSQL ${version} has ${cve}: ${what}; ${major}.${fixed[major]} closes it.`,
    }),
  );
};
