/** Going through a page with keys alone, as somebody does who has no pointer: what is reached must be seen. */
import type { Locator, Page } from 'playwright-core';

type Role = Parameters<Page['getByRole']>[0];

const STEPS_MAX = 120;

/**
 * Tab until the focus is on what has that role and name.
 *
 * @throws when it is never reached, or when the focus on the way there could not be seen
 */
export async function tabTo(page: Page, role: Role, name: string | RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name });
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (await isFocused(page, wanted)) return;
    await page.keyboard.press('Tab');
    const unseen = await page.evaluate<string | undefined>(UNSEEN_FOCUS);
    if (unseen !== undefined) throw new Error(`the focus can't be seen on ${unseen}`);
  }
  throw new Error(`${role} ${String(name)} is not reached by Tab`);
}

async function isFocused(page: Page, wanted: Locator): Promise<boolean> {
  return (await wanted.and(page.locator(':focus')).count()) > 0;
}

/**
 * An outline or ring on the focused element or on what frames it: a switch or a segment is a hidden input whose
 * label carries it. As text, because these names are the browser's.
 */
const UNSEEN_FOCUS = `(() => {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return undefined;
  const { parentElement: parent, nextElementSibling: next } = focused;
  const around = [focused, parent, parent?.parentElement, next, next?.firstElementChild];
  const isSeen = around.some((element) => {
    if (element == null) return false;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
  });
  return isSeen ? undefined : focused.outerHTML.slice(0, 160);
})()`;

/** Through a menu, which keeps its focus within, to what is called that. */
export async function downTo(page: Page, text: string): Promise<void> {
  const focused = page.locator(':focus');
  for (let step = 0; step < STEPS_MAX; step += 1) {
    await page.keyboard.press('ArrowDown');
    if ((await focused.textContent()) === text) return;
  }
  throw new Error(`${text} is not reached by the arrow keys`);
}

/** Several keys after each other, as `g` then `i`. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}
