/** Says something to those who listen rather than look; the region stands in `shell/shell.tsx`. */
export const ANNOUNCER_ID = 'announcer';

export function announce(text: string): void {
  const region = document.getElementById(ANNOUNCER_ID);
  if (region === null) return;
  region.textContent = '';
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
