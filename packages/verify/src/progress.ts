/** How far a long run is, on standard error, for a person who watches: never in a pipe, never in the first second. */
const EVERY_MS = 200;
const FIRST_MS = 1000;

export function showProgress(): { show(entries: number, size: number): void; clear(): void } {
  const started = Date.now();
  let next = started + FIRST_MS;
  let shown = false;
  return {
    show(entries, size) {
      const now = Date.now();
      if (!process.stderr.isTTY || now < next) return;
      next = now + EVERY_MS;
      shown = true;
      const percent = Math.floor((entries / size) * 100);
      const perSecond = Math.round((entries / (now - started)) * 1000);
      process.stderr.write(`\r${percent} %  ${entries} of ${size} entries, ${perSecond}/s\x1b[K`);
    },
    clear() {
      if (shown) process.stderr.write('\r\x1b[K');
    },
  };
}
