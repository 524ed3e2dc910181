/**
 * Decisions a second on one core, ours beside the peers, in one run:
 *
 * `npm run build && node bench/access/decide.mjs [--rounds 9] [--slot-ms 250] [--engines regex] [--strict] [--json]`
 *
 * First every engine answers the same questions and must answer alike; what differs ends the run. Then they take
 * turns, each for one slot in a round, in an order that rotates. Figures are medians over rounds, ratios are taken
 * within a round, by processor time of this process, so that others on the machine do not count.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createScenario, expected } from './scenario.mjs';

const ENGINES = ['bulkhead', 'casl', 'better-auth', 'casbin', 'cedar', 'opa'];
const TARGETS = { perSecond: 5_000_000, casl: 4, 'better-auth': 2, casbin: 500 };
/** How many answers are compared; the slow ones take seconds for a thousand. */
const COMPARED = {
  bulkhead: 200_000,
  casl: 200_000,
  'better-auth': 200_000,
  casbin: 5_000,
  cedar: 5_000,
  opa: 5_000,
};

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    'slot-ms': { type: 'string', default: '250' },
    engines: { type: 'string', default: '' },
    strict: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const say = (text) => !values.json && console.log(text);
const rounds = Number(values.rounds);
const slotMs = Number(values['slot-ms']);

const scenario = createScenario();
const report = {
  load: loadavg()[0],
  rounds,
  slotMs,
  node: process.version,
  engines: [],
  skipped: [],
};
const contenders = [];
const answers = scenario.questions.map((question) => expected(scenario, question));
report.granted = answers.filter(Boolean).length / answers.length;

for (const key of ENGINES) {
  if (!new RegExp(values.engines).test(key) && key !== 'bulkhead') continue;
  try {
    const engine = await import(`./engines/${key}.mjs`);
    const ready = await engine.prepare(scenario);
    contenders.push({ key, name: engine.name, run: ready.run, ready });
    for (const [variant, run] of Object.entries(ready.variants ?? {})) {
      contenders.push({
        key: `${key}, ${variant}`,
        name: `${engine.name}, ${variant}`,
        run,
        ready: { refresh: ready.refresh },
      });
    }
  } catch (error) {
    report.skipped.push({ key, why: error.message.split('\n', 1)[0] });
    say(`skipped  ${key}: ${error.message.split('\n', 1)[0]}`);
  }
}

for (const { key, name, ready } of contenders) {
  if (ready.decide === undefined) continue;
  await ready.refresh?.();
  for (let n = 0; n < COMPARED[key]; n += 1) {
    if (ready.decide(n) !== answers[n]) {
      console.error(
        `${name} differs: ${JSON.stringify(scenario.questions[n])}, expected ${answers[n]}`,
      );
      process.exit(1);
    }
  }
}
say(
  `All answer alike (${Math.round(report.granted * 100)} % yes). Load ${report.load.toFixed(1)}, Node ${process.version}, ${rounds} rounds of ${slotMs} ms.\n`,
);

const measured = new Map(contenders.map(({ key }) => [key, []]));
for (let round = -1; round < rounds; round += 1) {
  const turn = (round + 1) % contenders.length;
  for (const contender of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
    const perSecond = await slot(contender);
    // The first round warms up.
    if (round >= 0) measured.get(contender.key).push(perSecond);
  }
}

const ours = measured.get('bulkhead');
for (const { key, name, ready } of contenders) {
  const each = measured.get(key);
  report.engines.push({
    key,
    name,
    perSecond: Math.round(median(each)),
    nsEach: Math.round(1e9 / median(each)),
    oursTimes: Number(median(each.map((perSecond, n) => ours[n] / perSecond)).toPrecision(3)),
    ...(ready.loadMs !== undefined && { snapshotMs: Number(ready.loadMs.toFixed(2)) }),
  });
}
report.targets = [
  verdict(
    'bulkhead',
    '≥ 5,000,000 decisions a second',
    report.engines[0].perSecond,
    TARGETS.perSecond,
  ),
  ...['casl', 'better-auth', 'casbin'].flatMap((key) => {
    const found = report.engines.find((engine) => engine.key === key);
    return found === undefined
      ? []
      : [verdict(key, `≥ ${TARGETS[key]} × ${found.name}`, found.oursTimes, TARGETS[key])];
  }),
];
report.loadAtEnd = loadavg()[0];

if (values.json) console.log(JSON.stringify(report, null, 2));
else {
  for (const { name, perSecond, nsEach, oursTimes, snapshotMs } of report.engines) {
    const load = snapshotMs === undefined ? '' : `   snapshot ${snapshotMs} ms`;
    say(
      `${name.padEnd(40)} ${perSecond.toLocaleString('en').padStart(12)} /s ${String(nsEach).padStart(8)} ns   ours × ${oursTimes}${load}`,
    );
  }
  say('');
  for (const { what, met, value } of report.targets)
    say(`${met ? 'met   ' : 'missed'}  ${what}: ${value.toLocaleString('en')}`);
}
for (const { ready } of contenders) await ready.close?.();
if (values.strict && report.targets.some(({ met }) => !met)) process.exitCode = 1;

/** Decisions for a second of this process's own time. */
async function slot({ run, ready }) {
  await ready.refresh?.();
  // Listening goes on between slices: a process that never returns to its loop hears nothing.
  const endMs = performance.now() + slotMs;
  let count = 0;
  let spentUs = 0;
  let at = 0;
  let size = 100;
  while (performance.now() < endMs) {
    const to = Math.min(at + size, scenario.questions.length);
    const before = process.cpuUsage();
    const startedMs = performance.now();
    run(at, to);
    const tookMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(before);
    spentUs += user + system;
    count += to - at;
    at = to === scenario.questions.length ? 0 : to;
    if (tookMs < 20) size = Math.min(size * 2, scenario.questions.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return count / (spentUs / 1e6);
}

function verdict(key, what, value, target) {
  return { key, what, value, met: value >= target };
}

function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
