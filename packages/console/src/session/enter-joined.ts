/** Into an organization that somebody has just joined: each process of the control plane hears of it within a second. */
import { ask, isApiError } from '../api/request.ts';
import { enter } from './entered.ts';

const TRIES_MAX = 15;
const PAUSE_MS = 100;

export async function enterJoined(tenant: string): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    try {
      await ask('get', '/me', { query: { tenant } });
      break;
    } catch (error) {
      // Whatever else is refused, such as for want of a second factor, the organization's own pages tell.
      if (!isApiError(error) || error.problem.code !== 'http.absent') break;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  enter(tenant);
}
