/** One engine in a process of its own, so that none runs code that another has shaped: `fork('contender.mjs', [key])`. */
import { createScenario, expected } from './scenario.mjs';

const [key, compared] = process.argv.slice(2);
const scenario = createScenario();
let ready;

process.on('message', async ({ ask, variant, slotMs }) => {
  try {
    process.send({ answer: await answers[ask]?.(variant, slotMs) });
  } catch (error) {
    process.send({ failure: String(error.message).split('\n', 1)[0] });
  }
});
process.on('disconnect', () => process.exit());

const answers = {
  async prepare() {
    const engine = await import(`./engines/${key}.mjs`);
    ready = await engine.prepare(scenario);
    await ready.refresh?.();
    const count = Math.min(Number(compared), scenario.questions.length);
    let granted = 0;
    for (let n = 0; n < count; n += 1) {
      const answer = expected(scenario, scenario.questions[n]);
      if (ready.decide(n) !== answer) {
        return { name: engine.name, differs: { ...scenario.questions[n], resource: undefined } };
      }
      if (answer) granted += 1;
      // The loop turns as it does in an app.
      if (n % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return {
      name: engine.name,
      variants: Object.keys(ready.variants ?? {}),
      granted: granted / count,
      snapshotMs: ready.loadMs,
    };
  },
  /** Decisions for a second of this process's own time. */
  async slot(variant, slotMs) {
    const run = variant === undefined ? ready.run : ready.variants[variant];
    await ready.refresh?.();
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
  },
  close: () => ready.close?.(),
};
