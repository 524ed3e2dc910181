/** What stands under a member's name: who an app signs in by itself may have no address, and is a person all the same. */
import type { Member } from '../../api/shapes.ts';

export const underName = ({ type, email }: Pick<Member, 'type' | 'email'>): string =>
  type === 'service_account' ? 'service account' : (email ?? '');
