/**
 * Waits for what somebody has just changed about themselves, such as joining an organization or having a second
 * factor: each process of the control plane hears of it within a second, and would refuse them as before until then.
 */
import { ask, isApiError } from '../api/request.ts';
import { enteredTenant } from './entered.ts';

const TRIES_MAX = 20;
const PAUSE_MS = 100;

/** @param isOld tells by its code a refusal of before; any other is for the pages to show */
export async function untilHeard(
  isOld: (code: string) => boolean,
  tenant = enteredTenant.read(),
): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    try {
      await ask('get', '/me', tenant === '' ? {} : { query: { tenant } });
      return;
    } catch (error) {
      if (!isApiError(error) || !isOld(error.problem.code)) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
