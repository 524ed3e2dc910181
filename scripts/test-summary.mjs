// Adds up what .ci/run's steps found: `name=passed`, `name=failed`, or `name=status:results.json` for a suite.
// Prints the line that CI reads and fails if anything did.
import { readFileSync } from 'node:fs';

const sums = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

for (const step of process.argv.slice(2)) {
  const [, name, status, file] = /^([^=]+)=([^:]+)(?::(.+))?$/.exec(step) ?? [];
  const counts = file === undefined ? { passed: 0, failed: 0, skipped: 0 } : readCounts(file);
  // A step, or a suite that fell over without a failing test, counts as one.
  if (status !== 'passed' && counts.failed === 0) counts.failed = 1;
  for (const kind of Object.keys(sums)) sums[kind] += counts[kind];
  if (counts.failed > 0) failures.push(name);
}

if (failures.length > 0) console.log(`\nfailed: ${failures.join(', ')}`);
console.log(`\n${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = sums.failed > 0 ? 1 : 0;

function readCounts(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
