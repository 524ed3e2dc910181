/**
 * How long a person waits in the console, with five thousand tenants and ten million events behind it: from the key or
 * the click until what was asked for is painted, in Chromium.
 *
 * `npm run build && node bench/console/interactions.mjs [--keep DIR] [--events 10000000] [--tenants 5000] [--rounds 5]`
 *
 * Of each interaction two times, from the key or press on:
 *
 * - `answered`: until the first frame is painted that shows the answer to it: the place that was asked for, with its
 *   title and what is known of it or a skeleton, the letter that was typed, the heading that was turned. A frame in
 *   which only the link is lit doesn't count. Target: 100 ms.
 * - `complete`: until the frame in which everything stands that was asked for: every row that the window shows, the
 *   answer of the server with it. The search box waits 60 ms for the next letter before it asks, which is in its time.
 *   What was fetched ahead counts as it is shown, though the page may ask again behind it. Target: 100 ms where the
 *   server has answered by then.
 *
 * A hand rests on what it is about to press: the pointer stands on the link for `--rest-ms` before (0 for a hand
 * that doesn't, as by the keys); nothing is counted of that. `--still` is somebody who asks for
 * no motion. `CHROMIUM_PATH` says where the browser is.
 */

import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { groundOptions } from '../audit/ground.mjs';
import { openPlane } from './plane.mjs';

const { values } = parseArgs({
  options: {
    ...groundOptions,
    rounds: { type: 'string', default: '5' },
    'rest-ms': { type: 'string', default: '100' },
    still: { type: 'boolean', default: false },
  },
});
const PATIENCE_MS = 30_000;
const REST_MS = Number(values['rest-ms']);

const still = `document.querySelector('main [aria-busy=true]') === null`;
const everyRow = (like) => `shownRows().every((row) => ${like}.test(row.textContent))`;
/** Rows down to the end of the window, or all that there are. */
const screenful = `fills() && ${still}`;

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
    [...taken].map(([interaction, { answered, complete }]) => ({
      interaction,
      'answered, p50 ms': quantile(answered, 0.5),
      p95: quantile(answered, 0.95),
      'complete, p50 ms': quantile(complete, 0.5),
      'its p95': quantile(complete, 0.95),
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
    ...(values.still && { reducedMotion: 'reduce' }),
  });
  const [name, value] = plane.cookie.split('=');
  await context.addCookies([{ name, value, url: new URL(plane.console).origin, httpOnly: true }]);
  await context.addInitScript(`
    localStorage.setItem('bulkhead.tenant', ${JSON.stringify(slug)});
    sessionStorage.setItem('bulkhead.reasons', '{${JSON.stringify(slug)}:"a benchmark"}');
    (${watch})(${JSON.stringify(slug)});
  `);
  const page = await context.newPage();
  /** @param answer what shows that it was heard; @param whole what was asked for, and all of it */
  const note = async (interaction, { answer, whole }, act) => {
    await page.evaluate(`bench.begin(() => ${answer}, () => ${whole})`);
    await act();
    const times = await Promise.race([
      page.evaluate('bench.done'),
      new Promise((_, reject) =>
        setTimeout(reject, PATIENCE_MS, new Error(`${interaction}: never came`)).unref(),
      ),
    ]);
    const of = taken.get(interaction) ?? { answered: [], complete: [] };
    taken.set(interaction, of);
    of.answered.push(times.answered);
    of.complete.push(times.complete);
  };
  const link = (label) =>
    page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: label });
  const press = async (target) => {
    const box = await target.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    if (REST_MS > 0) await page.waitForTimeout(REST_MS);
    await page.mouse.down();
    await page.mouse.up();
  };
  const go = (interaction, label, whole) =>
    note(interaction, { answer: arrived(label), whole: `${arrived(label)} && ${whole}` }, () =>
      press(link(label)),
    );
  const calm = () => page.locator('body:not(:has([aria-busy="true"]))').waitFor();

  await page.goto('./');
  await page.locator('h1').first().waitFor();
  await calm();

  await page.waitForLoadState('networkidle');

  await go('open the organizations', 'Organizations', screenful);
  await calm();
  const found = (word) =>
    `${screenful} && location.search.includes('${word}') && ${everyRow(`/${word}/`)}`;
  await page.getByRole('searchbox').click();
  await note(
    'type in their search',
    { answer: `document.activeElement.value === 'Harbor'`, whole: found('Harbor') },
    () => page.keyboard.type('Harbor', { delay: 40 }),
  );
  await calm();
  const turned = `document.querySelector('main th[aria-sort=descending]') !== null`;
  const falling = `shownRows().map((row) => Number(row.cells[4].textContent.replaceAll(',', ''))).every((count, at, all) => at === 0 || count <= all[at - 1])`;
  await note(
    'sort by what happens',
    { answer: turned, whole: `${turned} && ${screenful} && ${falling}` },
    () => press(page.getByRole('button', { name: /24 h/ })),
  );
  await calm();

  await page.keyboard.press('Escape');
  await page.locator('h1').first().click();
  const options = `document.querySelector('[role=option]') !== null`;
  await note('open the palette', { answer: options, whole: options }, () =>
    page.keyboard.press('Control+k'),
  );
  for (const letter of 'kestrel') {
    const label =
      letter === 'k' ? 'type in the palette, first letter' : 'type in the palette, next';
    const input = page.getByRole('combobox', { name: 'Search or do' });
    const typed = (await input.inputValue()) + letter;
    const isTyped = `document.querySelector('[role=combobox]').value === '${typed}'`;
    const fits = `[...document.querySelectorAll('[role=option]')].every((one) => one.textContent.toLowerCase().includes('${typed}'))`;
    await note(label, { answer: isTyped, whole: `${isTyped} && ${fits}` }, () =>
      page.keyboard.press(letter),
    );
  }
  await page.keyboard.press('Escape');

  const story = `document.querySelector('main h1').textContent.includes(${JSON.stringify(bigName)}) && document.querySelectorAll('main ol li').length > 0 && ${still}`;
  await go('open one organization', 'Story', story);
  await calm();
  const roles = `shownRows().every((row) => row.cells[2].textContent !== '…')`;
  await go('see its people', 'People', `${screenful} && ${roles}`);
  await calm();
  await go('open the audit log', 'Audit log', `${screenful} && ${still}`);
  await calm();
  await page.waitForLoadState('networkidle');
  await page.locator('h1').first().click();
  // The table has a body for each twelve rows, made or still to be made.
  const beyond = `document.querySelectorAll('main tbody').length > 9`;
  await note(
    'go on to the next hundred events',
    {
      answer: `${beyond} || shownRows().some((row) => row.ariaHidden === 'true')`,
      whole: `${beyond} && shownRows().every((row) => row.textContent !== '')`,
    },
    () => page.keyboard.press('End'),
  );
  await calm();
  const bar = page.getByRole('combobox', { name: 'Filter the log' });
  await bar.fill('outcome:denied');
  const chip = `document.querySelector('[aria-label=Filters] li') !== null`;
  const denied = `location.search.includes('outcome=denied') && ${everyRow('/denied/i')} && ${screenful}`;
  await note('filter the log', { answer: chip, whole: `${chip} && ${denied}` }, () =>
    page.keyboard.press('Enter'),
  );
  await calm();
  const panel = `document.querySelector('aside[aria-label=Event] dl') !== null`;
  await note(
    'open an event',
    {
      answer: panel,
      whole: `${panel} && /Recomputed in this browser/.test(document.querySelector('aside[aria-label=Event]').textContent)`,
    },
    () => press(page.locator('main tbody tr [data-opens]').first()),
  );
  await page.keyboard.press('Escape');

  const map = `document.querySelectorAll('.react-flow__node').length > 0`;
  await go('go to the isolation map', 'Isolation', map);
  await calm();
  await go('go to the accounts', 'Accounts', screenful);
  await calm();
  await go(
    'back to the overview',
    'Overview',
    `document.querySelector('main canvas')?.width > 300 && ${still}`,
  );
  await calm();
  await context.close();
}

/** The new place, with its link lit and its title. */
function arrived(label) {
  return `[...document.querySelectorAll('nav a[aria-current=page]')].some((one) => one.textContent === ${JSON.stringify(label)}) && document.title.startsWith(titles[${JSON.stringify(label)}]) && document.querySelector('main h1') !== null`;
}

/** In the page: what is on the screen and when. */
function watch(slug) {
  globalThis.titles = {
    Story: slug,
    People: 'People of',
    'Audit log': 'Audit log of',
    Organizations: 'Organizations',
    Isolation: 'Isolation',
    Accounts: 'Accounts',
    Overview: 'Overview',
  };
  globalThis.shownRows = () =>
    [...document.querySelectorAll('main tbody tr')].filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
  globalThis.fills = () => {
    const rows = shownRows();
    const all = document.querySelectorAll('main tbody tr').length;
    return (
      rows.length > 0 &&
      rows.every((row) => row.textContent !== '') &&
      (rows.length === all || rows.at(-1).getBoundingClientRect().bottom > innerHeight - 64)
    );
  };
  globalThis.bench = {
    begin(isAnswered, isWhole) {
      let began;
      let answered;
      // Of several keys the last counts: that is when all was said.
      const heard = (event) => {
        began = event.timeStamp;
        answered = undefined;
      };
      addEventListener('keydown', heard, true);
      addEventListener('pointerdown', heard, true);
      /** Called as a frame begins, whose task comes before this message. */
      const painted = (tell) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => tell(performance.now() - began);
        port2.postMessage(null);
      };
      this.done = new Promise((resolve) => {
        const end = (complete) => {
          removeEventListener('keydown', heard, true);
          removeEventListener('pointerdown', heard, true);
          resolve({ answered: Math.min(answered ?? complete, complete), complete });
        };
        const look = () => {
          if (began !== undefined && answered === undefined && isAnswered()) {
            answered = Number.POSITIVE_INFINITY;
            painted((time) => {
              answered = time;
            });
          }
          if (began !== undefined && answered !== undefined && isWhole()) painted(end);
          else requestAnimationFrame(look);
        };
        look();
      });
    },
  };
}
