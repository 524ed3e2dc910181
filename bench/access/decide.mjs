/**
 * Decisions a second on one core, ours beside the peers, in one run:
 *
 * `npm run build && node bench/access/decide.mjs [--rounds 9] [--slot-ms 300] [--engines regex] [--strict] [--json]`
 *
 * First every engine answers the same questions and must answer alike; what differs ends the run. Then they take
 * turns, each for one slot in a round, in an order that rotates, each in a process of its own. Figures are medians
 * over rounds, ratios are taken within a round, by processor time, so that others on the machine count for little.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const OURS = 'bulkhead';
/** How many answers are compared; the slow ones take seconds for a thousand. */
const COMPARED = {
  [OURS]: 200_000,
  casl: 200_000,
  'better-auth': 200_000,
  casbin: 5_000,
  cedar: 5_000,
  opa: 5_000,
};
const PER_SECOND_MIN = 5_000_000;
const TIMES_MIN = { casl: 4, 'better-auth': 2, casbin: 500 };

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    'slot-ms': { type: 'string', default: '300' },
    engines: { type: 'string', default: '' },
    strict: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const say = (text) => !values.json && console.log(text);
const rounds = Number(values.rounds);
const slotMs = Number(values['slot-ms']);
const report = {
  load: loadavg()[0],
  rounds,
  slotMs,
  node: process.version,
  engines: [],
  skipped: [],
};

const children = [];
const contenders = [];
try {
  for (const key of Object.keys(COMPARED)) {
    if (key !== OURS && !new RegExp(values.engines).test(key)) continue;
    const child = fork(join(import.meta.dirname, 'contender.mjs'), [key, String(COMPARED[key])]);
    const { answer, failure } = await ask(child, { ask: 'prepare' });
    if (failure !== undefined && key === OURS) throw new Error(failure);
    if (failure !== undefined) {
      report.skipped.push({ key, why: failure });
      say(`skipped  ${key}: ${failure}`);
      child.disconnect();
      continue;
    }
    children.push(child);
    if (answer.differs !== undefined)
      throw new Error(`${answer.name} differs: ${JSON.stringify(answer.differs)}`);
    if (key === OURS) report.granted = answer.granted;
    const { name, snapshotMs } = answer;
    contenders.push({ key, name, child, snapshotMs, measured: [] });
    for (const variant of answer.variants) {
      contenders.push({
        key: `${key}, ${variant}`,
        name: `${name}, ${variant}`,
        child,
        variant,
        measured: [],
      });
    }
  }
  say(
    `All answer alike (${Math.round(report.granted * 100)} % yes). Load ${report.load.toFixed(1)}, Node ${process.version}, ${rounds} rounds of ${slotMs} ms.\n`,
  );

  // The first round warms up.
  for (let round = -1; round < rounds; round += 1) {
    const turn = (round + 1) % contenders.length;
    for (const each of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      const { answer, failure } = await ask(each.child, {
        ask: 'slot',
        variant: each.variant,
        slotMs,
      });
      if (failure !== undefined) throw new Error(`${each.name}: ${failure}`);
      if (round >= 0) each.measured.push(answer);
    }
  }

  const ours = contenders[0].measured;
  for (const { key, name, snapshotMs, measured } of contenders) {
    report.engines.push({
      key,
      name,
      perSecond: Math.round(median(measured)),
      nsEach: Math.round(1e9 / median(measured)),
      oursTimes: Number(median(measured.map((perSecond, n) => ours[n] / perSecond)).toPrecision(3)),
      ...(snapshotMs !== undefined && { snapshotMs: Number(snapshotMs.toFixed(2)) }),
    });
  }
  report.targets = report.engines.flatMap(({ key, name, perSecond, oursTimes }) => {
    if (key === OURS) {
      return [
        {
          what: '≥ 5,000,000 decisions a second',
          value: perSecond,
          met: perSecond >= PER_SECOND_MIN,
        },
      ];
    }
    const wanted = TIMES_MIN[key];
    if (wanted === undefined) return [];
    return [{ what: `≥ ${wanted} × ${name}`, value: oursTimes, met: oursTimes >= wanted }];
  });
  report.loadAtEnd = loadavg()[0];
  print();
  if (values.strict && report.targets.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  for (const child of children) {
    if (child.connected) await ask(child, { ask: 'close' });
    if (child.connected) child.disconnect();
  }
}

function print() {
  if (values.json) return console.log(JSON.stringify(report, null, 2));
  for (const { name, perSecond, nsEach, oursTimes, snapshotMs } of report.engines) {
    const snapshot = snapshotMs === undefined ? '' : `   a snapshot ${snapshotMs} ms`;
    say(
      `${name.padEnd(40)} ${perSecond.toLocaleString('en').padStart(12)} /s ${String(nsEach).padStart(8)} ns   ours × ${oursTimes}${snapshot}`,
    );
  }
  say('');
  for (const { what, met, value } of report.targets) {
    say(`${met ? 'met   ' : 'missed'}  ${what}: ${value.toLocaleString('en')}`);
  }
  say(`load at the end ${report.loadAtEnd.toFixed(1)}`);
}

/** A process that dies is a failure like any other. */
async function ask(child, message) {
  child.send(message);
  const ended = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([answer]) => answer),
      once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => ({
        failure: `its process ended (${signal ?? code})`,
      })),
    ]);
  } finally {
    ended.abort();
  }
}

function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
