/** Where the demo's console is, and whether it is there. */
import { CONTROL_PLANE_PATH } from '../bulkhead-config.ts';
import type { Demo } from './start.ts';

export const consoleUrl = (demo: Demo): string =>
  `http://localhost:${demo.port}${CONTROL_PLANE_PATH}/console/`;

/** As a browser would find it: the page, and the API behind it asking who that is. */
export async function consoleAnswers(demo: Demo): Promise<boolean> {
  const at = `http://127.0.0.1:${demo.port}${CONTROL_PLANE_PATH}`;
  const page = await fetch(`${at}/console/`);
  const isPage = page.ok && (await page.text()).includes('<title>Bulkhead</title>');
  const me = await fetch(`${at}/api/v1/me`);
  return isPage && me.status === 401;
}
