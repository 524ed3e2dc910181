/** The command palette: places, organizations and the things that pages do, found by typing. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { questions } from '../api/queries.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Kbd } from '../parts/kbd.tsx';
import { clockPreference, tenantPreference, themePreference } from '../parts/preference.ts';
import { useMe } from '../session/session.ts';
import css from './palette.module.css';
import { places } from './places.ts';

interface Command {
  readonly id: string;
  readonly label: string;
  readonly aside: string;
  readonly icon: IconName;
  readonly keys?: string;
  readonly run: () => void;
}

const SHOWN_MAX = 12;

export function Palette({
  onClose,
  onKeys,
}: {
  readonly onClose: () => void;
  readonly onKeys: () => void;
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  // Not deferred: Enter must run what the words on the screen name, however fast they were typed.
  const commands = useCommands(text, onKeys);
  const active = commands[Math.min(at, commands.length - 1)];
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt(
        (before) =>
          (Math.min(before, commands.length - 1) + step + commands.length) % commands.length,
      );
    }
    if (event.key === 'Enter' && active !== undefined) {
      event.preventDefault();
      onClose();
      active.run();
    }
  };
  return (
    <Dialog label="Search or do" onClose={onClose} high>
      <input
        className={css.input}
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={active === undefined ? undefined : `palette-${active.id}`}
        aria-label="Search or do"
        placeholder="A place, an organization, an action …"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={css.list} id="palette-list" role="listbox" aria-label="Found" tabIndex={-1}>
        {commands.map((command) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way goes through the input
          <div
            key={command.id}
            id={`palette-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === active}
            className={css.option}
            onClick={() => {
              onClose();
              command.run();
            }}
          >
            <Icon name={command.icon} />
            <span>{command.label}</span>
            <span className={css.aside}>
              {command.keys === undefined ? command.aside : <Kbd>{command.keys}</Kbd>}
            </span>
          </div>
        ))}
        {commands.length === 0 && <p className={css.none}>Nothing is called that.</p>}
      </div>
    </Dialog>
  );
}

function useCommands(text: string, onKeys: () => void): readonly Command[] {
  const navigate = useNavigate();
  const me = useMe();
  const hull = useQuery({ ...questions.hull(), enabled: me.plane === 'operator' }).data;
  const tenant = me.tenant?.slug ?? tenantPreference.read();
  const sought = text.trim().toLowerCase();
  const has = (label: string): boolean =>
    sought.split(/\s+/).every((word) => label.toLowerCase().includes(word));

  const going: Command[] = places
    .filter((place) => !place.ofTenant || tenant !== '')
    .map((place) => ({
      id: place.label.replace(/\W/g, ''),
      label: place.ofTenant ? `${place.label} of ${tenant}` : place.label,
      aside: '',
      keys: `g ${place.key}`,
      icon: place.icon,
      run: () => void navigate({ to: place.to, params: { tenant }, search: {} }),
    }));
  const doing: Command[] = [
    {
      id: 'prove',
      label: 'Prove the isolation now',
      aside: 'Isolation',
      icon: 'play',
      run: () => void navigate({ to: '/isolation', search: {}, hash: 'prove' }),
    },
    {
      id: 'leaks',
      label: 'Show the leaks',
      aside: 'Isolation',
      icon: 'isolation',
      run: () => void navigate({ to: '/isolation', search: { verdict: 'leak', view: 'list' } }),
    },
    {
      id: 'denied',
      label: 'Denials in the audit log',
      aside: 'Audit log',
      icon: 'audit',
      run: () => void navigate({ to: '/audit', search: { outcome: ['denied'], tenant } }),
    },
    {
      id: 'add',
      label: 'Add an organization',
      aside: 'Organizations',
      icon: 'plus',
      run: () => void navigate({ to: '/tenants', search: { new: '1' } }),
    },
    ...(tenant === ''
      ? []
      : [
          {
            id: 'invite',
            label: `Invite somebody to ${tenant}`,
            aside: 'Invitations',
            icon: 'invitations' as const,
            run: () =>
              void navigate({
                to: '/tenants/$tenant/invitations',
                params: { tenant },
                search: { new: '1' },
              }),
          },
        ]),
    {
      id: 'dark',
      label: 'Dark appearance',
      aside: 'Appearance',
      icon: 'settings',
      run: () => themePreference.write('dark'),
    },
    {
      id: 'light',
      label: 'Light appearance',
      aside: 'Appearance',
      icon: 'settings',
      run: () => themePreference.write('light'),
    },
    {
      id: 'utc',
      label: 'Times in UTC',
      aside: 'Times',
      icon: 'settings',
      run: () => clockPreference.write('utc'),
    },
    {
      id: 'local',
      label: 'Local times',
      aside: 'Times',
      icon: 'settings',
      run: () => clockPreference.write('local'),
    },
    { id: 'keys', label: 'Keys', aside: '', keys: '?', icon: 'explain', run: onKeys },
  ];
  const found: Command[] = [];
  if (sought !== '' && hull !== undefined) {
    for (let index = 0; index < hull.ids.length && found.length < 6; index += 1) {
      const slug = hull.slugs[index] ?? '';
      const name = hull.names[index] ?? '';
      if (!has(`${name} ${slug}`)) continue;
      found.push({
        id: `tenant-${slug}`,
        label: name,
        aside: slug,
        icon: 'tenants',
        run: () => void navigate({ to: '/tenants/$tenant', params: { tenant: slug } }),
      });
    }
  }
  return [
    ...going.filter(({ label }) => has(label)),
    ...found,
    ...doing.filter(({ label, aside }) => has(`${label} ${aside}`)),
  ].slice(0, sought === '' ? 30 : SHOWN_MAX);
}
