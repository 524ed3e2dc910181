import { Menu } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { ask } from '../api/request.ts';
import { Icon } from '../parts/icon.tsx';
import { tenantPreference, themePreference, usePreference } from '../parts/preference.ts';
import { forgetReasons } from '../session/reason.ts';
import { useMe } from '../session/session.ts';
import { type Place, places } from './places.ts';
import css from './shell.module.css';

export function Rail({ onClose }: { readonly onClose: () => void }) {
  const me = useMe();
  const lastTenant = usePreference(tenantPreference);
  const tenant = me.tenant?.slug ?? lastTenant;
  // An operator's pages tell by themselves what they may not see of which organization.
  const allowed = ({ permission }: Place): boolean =>
    me.plane === 'operator' || permission === undefined || me.permissions.includes(permission);
  const wide = places.filter(
    (place) =>
      !place.ofTenant &&
      !place.ofPerson &&
      allowed(place) &&
      (me.plane === 'operator' || place.to === '/audit' || place.to === '/settings'),
  );
  return (
    <>
      <nav className={css.rail} aria-label="Places">
        <Link to="/" className={css.brand}>
          <svg
            width="20"
            height="20"
            viewBox="0 0 32 32"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.4"
            aria-hidden="true"
          >
            <path d="M3 6h26v10c0 6-5 10-13 10S3 22 3 16zM11.700 6v19.300M20.300 6v19.300" />
          </svg>
          Bulkhead
        </Link>
        <ul className={css.group}>
          {wide.map((place) => (
            <PlaceLink key={place.to} place={place} tenant={tenant} />
          ))}
        </ul>
        {tenant !== '' && (
          <>
            <p className={css.groupName} title={tenant}>
              {me.tenant?.name ?? tenant}
            </p>
            <ul>
              {places
                .filter((place) => place.ofTenant && allowed(place))
                .map((place) => (
                  <PlaceLink key={place.to} place={place} tenant={tenant} />
                ))}
            </ul>
          </>
        )}
        <Who />
      </nav>
      <button type="button" className={css.scrim} aria-label="Close the places" onClick={onClose} />
    </>
  );
}

function PlaceLink({ place, tenant }: { readonly place: Place; readonly tenant: string }) {
  return (
    <li>
      <Link
        to={place.to}
        params={{ tenant }}
        search={{}}
        className={css.link}
        activeOptions={{
          exact: place.to === '/' || place.to === '/tenants' || place.to === '/tenants/$tenant',
          includeSearch: false,
        }}
      >
        <Icon name={place.icon} />
        {place.label}
      </Link>
    </li>
  );
}

function Who() {
  const me = useMe();
  const navigate = useNavigate();
  const chosen = usePreference(themePreference);
  const leave = async (): Promise<void> => {
    await ask('post', '/sign-out');
    forgetReasons();
    // A new document: nothing that the last person saw stays in memory.
    location.assign(new URL('sign-in', document.baseURI));
  };
  return (
    <div className={css.who}>
      <Menu position="top-start" width={190}>
        <Menu.Target>
          <button type="button" className={css.whoButton}>
            <span>{me.actor.name}</span>
            <span className="small faint">
              {me.plane === 'operator' ? 'Operator' : (me.tenant?.name ?? me.actor.email)}
            </span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Appearance</Menu.Label>
          {(['auto', 'dark', 'light'] as const).map((theme) => (
            <Menu.Item
              key={theme}
              rightSection={chosen === theme ? <Icon name="check" size={12} /> : undefined}
              onClick={() => themePreference.write(theme)}
            >
              {{ auto: 'As the system', dark: 'Dark', light: 'Light' }[theme]}
            </Menu.Item>
          ))}
          <Menu.Label>{me.actor.email ?? me.actor.id}</Menu.Label>
          <Menu.Item onClick={() => void navigate({ to: '/account' })}>Your account</Menu.Item>
          <Menu.Item onClick={() => void navigate({ to: '/organizations' })}>
            Another organization
          </Menu.Item>
          <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
