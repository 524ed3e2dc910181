/** Every place of the console once: for the rail, the palette, the `g` keys and the page of keys. */
import type { IconName } from '../parts/icon.tsx';

export interface Place {
  readonly label: string;
  readonly icon: IconName;
  /** After `g`. */
  readonly key: string;
  /** `$tenant` stands for the organization that was looked at last. */
  readonly to: string;
  readonly ofTenant?: true;
  /** Behind one's own name, at the foot of the rail. */
  readonly ofPerson?: true;
  /** Without it there would be nothing but a refusal. */
  readonly permission?: string;
}

export const places: readonly Place[] = [
  { label: 'Overview', icon: 'overview', key: 'o', to: '/' },
  { label: 'Organizations', icon: 'tenants', key: 't', to: '/tenants' },
  { label: 'Isolation', icon: 'isolation', key: 'i', to: '/isolation' },
  { label: 'Audit log', icon: 'audit', key: 'a', to: '/audit', permission: 'audit:read' },
  { label: 'Accounts', icon: 'account', key: 'u', to: '/users' },
  {
    label: 'Story',
    icon: 'story',
    key: 's',
    to: '/tenants/$tenant',
    ofTenant: true,
    permission: 'tenant:read',
  },
  {
    label: 'People',
    icon: 'people',
    key: 'p',
    to: '/tenants/$tenant/people',
    ofTenant: true,
    permission: 'member:read',
  },
  {
    label: 'Invitations',
    icon: 'invitations',
    key: 'v',
    to: '/tenants/$tenant/invitations',
    ofTenant: true,
    permission: 'member:invite',
  },
  {
    label: 'Roles',
    icon: 'roles',
    key: 'r',
    to: '/tenants/$tenant/roles',
    ofTenant: true,
    permission: 'role:read',
  },
  {
    label: 'Explain',
    icon: 'explain',
    key: 'e',
    to: '/tenants/$tenant/explain',
    ofTenant: true,
    permission: 'grant:read',
  },
  {
    label: 'Policies',
    icon: 'policies',
    key: 'l',
    to: '/tenants/$tenant/policies',
    ofTenant: true,
    permission: 'policy:read',
  },
  {
    label: 'Keys and sessions',
    icon: 'keys',
    key: 'k',
    to: '/tenants/$tenant/keys',
    ofTenant: true,
    permission: 'api_key:read',
  },
  { label: 'Your account', icon: 'account', key: 'y', to: '/account', ofPerson: true },
  { label: 'Settings', icon: 'settings', key: ',', to: '/settings' },
];

export const placeKeys = new Map(places.map((place) => [place.key, place]));
