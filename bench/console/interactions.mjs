/**
 * How long a person waits in the console, with five thousand tenants and ten million events behind it: from the key or
 * the click until what was asked for is painted, in Chromium.
 *
 * `npm run build && node bench/console/interactions.mjs [--keep DIR] [--events 10000000] [--tenants 5000] [--rounds 5]`
 *
 * `next paint` is how long the browser's own event timing says the page took to show that it heard (what the web calls
 * INP); `content` is until the answer stands, the way over the network and the database with it. The search box waits
 * 40 ms for the next letter before it asks, which is in its content. Target: 100 ms to the next paint,
 * and to the content where the machine is quiet. `CHROMIUM_PATH` says where the browser is.
 */

import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { groundOptions } from '../audit/ground.mjs';
import { openPlane } from './plane.mjs';

const { values } = parseArgs({
  options: { ...groundOptions, rounds: { type: 'string', default: '5' } },
});
const PATIENCE_MS = 30_000;

const plane = await openPlane(values, console.log);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const { rows } = await plane.ground.admin.query(
    'select slug, name from bulkhead.tenant where id = $1',
    [plane.big],
  );
  const taken = new Map();
  for (let round = 0; round < Number(values.rounds); round += 1) await walk(rows[0], taken);
  console.table(
    [...taken].map(([interaction, { content, paint }]) => ({
      interaction,
      'next paint, p50 ms': quantile(paint, 0.5),
      p95: quantile(paint, 0.95),
      'content, p50 ms': quantile(content, 0.5),
      'its p95': quantile(content, 0.95),
    })),
  );
  console.log(`load ${loadavg()[0].toFixed(1)}`);
} finally {
  await browser.close();
  await plane.close();
}

function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
}

/** One person's way through the console, in a window of its own: nothing is kept from the one before. */
async function walk({ slug, name: bigName }, taken) {
  const context = await browser.newContext({
    baseURL: plane.console,
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
  });
  const [name, value] = plane.cookie.split('=');
  await context.addCookies([{ name, value, url: new URL(plane.console).origin, httpOnly: true }]);
  await context.addInitScript(`
    localStorage.setItem('bulkhead.tenant', ${JSON.stringify(slug)});
    sessionStorage.setItem('bulkhead.reasons', '{${JSON.stringify(slug)}:"a benchmark"}');
    (${watch})();
  `);
  const page = await context.newPage();
  const note = async (interaction, isThere, act) => {
    await page.evaluate(`bench.begin(() => ${isThere})`);
    await act();
    const { content, paint } = await Promise.race([
      page.evaluate('bench.done'),
      new Promise((_, reject) =>
        setTimeout(reject, PATIENCE_MS, new Error(`${interaction}: never came`)).unref(),
      ),
    ]);
    const of = taken.get(interaction) ?? { content: [], paint: [] };
    taken.set(interaction, of);
    of.content.push(content);
    of.paint.push(paint);
  };
  const place = (label) =>
    page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: label });
  const rows = (least) => `document.querySelectorAll('main tbody tr').length >= ${least}`;
  const calm = () => page.locator('body:not(:has([aria-busy="true"]))').waitFor();

  await page.goto('./');
  await page.locator('h1').first().waitFor();
  await calm();

  await note('open the organizations', rows(Math.min(100, plane.ground.plan.tenants)), () =>
    place('Organizations').click(),
  );
  await calm();
  const found = `${rows(1)} && location.search.includes('Harbor') && [...document.querySelectorAll('main tbody tr')].every((row) => /Harbor/.test(row.textContent))`;
  await page.getByRole('searchbox').or(page.getByLabel('Find an organization')).first().click();
  await note('type in their search', found, () => page.keyboard.type('Harbor', { delay: 40 }));
  await calm();
  const sorted = `document.querySelector('main th[aria-sort=descending]') !== null && !document.querySelector('[aria-busy=true]') && ${rows(1)}`;
  await note('sort by what happens', sorted, () =>
    page
      .getByRole('button', { name: /24 hours|events/i })
      .first()
      .click(),
  );
  await calm();

  await page.keyboard.press('Escape');
  await page.locator('h1').first().click();
  await note('open the palette', `document.querySelector('[role=option]') !== null`, () =>
    page.keyboard.press('Control+k'),
  );
  for (const letter of 'kestrel') {
    const label =
      letter === 'k' ? 'type in the palette, first letter' : 'type in the palette, next';
    const input = page.getByRole('combobox', { name: 'Search or do' });
    const typed = (await input.inputValue()) + letter;
    const isThere = `document.querySelector('[role=combobox]').value === '${typed}' && [...document.querySelectorAll('[role=option]')].every((one) => one.textContent.toLowerCase().includes('${typed}'))`;
    await note(label, isThere, () => page.keyboard.press(letter));
  }
  await page.keyboard.press('Escape');

  const title = `document.querySelector('main h1')?.textContent.includes(${JSON.stringify(bigName)}) === true`;
  await note('open one organization', title, () => place('Story').click());
  await calm();
  await note('see its people', rows(100), () => place('People').click());
  await calm();
  await note('open the audit log', rows(100), () => place('Audit log').click());
  await calm();
  await page.locator('h1').first().click();
  await note('go on to the next hundred events', rows(200), () => page.keyboard.press('End'));
  await calm();
  const bar = page.getByRole('combobox', { name: 'Filter the log' });
  await bar.fill('outcome:denied');
  const denied = `${rows(1)} && location.search.includes('outcome=denied') && [...document.querySelectorAll('main tbody tr')].every((row) => /denied/i.test(row.textContent))`;
  await note('filter the log', denied, () => page.keyboard.press('Enter'));
  await calm();
  const panel = `document.querySelector('aside[aria-label=Event] h2, [role=complementary][aria-label=Event], aside[aria-label=Event]') !== null`;
  await note('open an event', panel, () =>
    page.locator('main tbody tr [data-opens]').first().click(),
  );
  await page.getByText(/Recomputed in this browser/).waitFor();
  await page.keyboard.press('Escape');

  const map = `document.querySelectorAll('.react-flow__node').length > 0`;
  await note('go to the isolation map', map, () => place('Isolation').click());
  await calm();
  await note('go to the accounts', rows(50), () => place('Accounts').click());
  await calm();
  await note('back to the overview', `document.querySelector('main canvas') !== null`, () =>
    place('Overview').click(),
  );
  await calm();
  await context.close();
}

/** In the page: from the first key or press after \`begin\` until \`isThere\`, and the browser's own event timing. */
function watch() {
  let paint = 0;
  new PerformanceObserver((list) => {
    for (const { duration, interactionId } of list.getEntries()) {
      if (interactionId > 0) paint = Math.max(paint, duration);
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  globalThis.bench = {
    begin(isThere) {
      let began;
      paint = 0;
      const heard = (event) => {
        // Of several keys the last counts: that is when all was said.
        began = event.timeStamp;
      };
      addEventListener('keydown', heard, true);
      addEventListener('pointerdown', heard, true);
      this.done = new Promise((resolve) => {
        const look = () => {
          if (began === undefined || !isThere()) return requestAnimationFrame(look);
          // What this frame changed is painted before the next task.
          requestAnimationFrame(() =>
            setTimeout(() => {
              const content = performance.now() - began;
              removeEventListener('keydown', heard, true);
              removeEventListener('pointerdown', heard, true);
              setTimeout(() => resolve({ content, paint }), 50);
            }),
          );
        };
        look();
      });
    },
  };
}
