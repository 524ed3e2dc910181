/**
 * Which organization somebody is in who belongs to several: chosen once, kept for this browser. Empty for whoever
 * has only one, and for operators, who see all of them.
 */
import { preference } from '../parts/preference.ts';

export const enteredTenant = preference<string>('entered', '');

/** Enters with a new document, so that nothing of the organization before stays on a page or in memory. */
export function enter(tenant: string): void {
  enteredTenant.write(tenant);
  location.assign(document.baseURI);
}
