/** Runs the parts that were asked for, prints tables or JSON; exits 1 for a missed target with `--strict`. */
import { cpus } from 'node:os';
import { readOptions } from './harness/options.ts';
import { table } from './harness/table.ts';
import { describeVerdict, VERDICT_HEAD } from './harness/verdict.ts';
import { runIsolation } from './isolation/run.ts';
import { runMiddleware } from './middleware/run.ts';

const options = readOptions();
const say = (text: string): void => {
  if (!options.json) process.stdout.write(`${text}\n`);
};

const machine = {
  node: process.version,
  cores: cpus().length,
  model: cpus()[0]?.model.trim() ?? 'unknown',
};
say(`Node ${machine.node}, ${machine.cores} cores (${machine.model})`);
say(`${options.rounds} interleaved rounds of ${options.slotMs} ms; figures are medians\n`);

const isolation = options.parts.includes('isolation')
  ? await runIsolation(options, say)
  : undefined;
const middleware = options.parts.includes('middleware')
  ? await runMiddleware(options, say)
  : undefined;

const verdicts = [...(isolation?.verdicts ?? []), ...(middleware?.verdicts ?? [])];
const { rounds, slotMs } = options;
if (options.json) {
  const report = { machine, quick: options.quick, rounds, slotMs, isolation, middleware };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} else {
  say(table(VERDICT_HEAD, verdicts.map(describeVerdict)));
  if (options.quick) say('\nA quick run shows that everything runs; its figures mean nothing.');
}
process.exitCode = options.strict && verdicts.some(({ held }) => !held) ? 1 : 0;
