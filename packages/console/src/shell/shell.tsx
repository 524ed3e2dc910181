/** What stands around every page: the rail, the bar, the tray, the palette, and the keys. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { Outlet, useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { questions } from '../api/queries.ts';
import { closeStream, listen, openStream, useLive } from '../live/live.ts';
import { ANNOUNCER_ID } from '../parts/announce.ts';
import { useMay } from '../session/session.ts';
import { StepUp } from '../session/step-up.tsx';
import { Bar } from './bar.tsx';
import { KeysHelp } from './keys-help.tsx';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import css from './shell.module.css';
import { Tray } from './tray.tsx';
import { useKeys } from './use-keys.ts';
import { useWarmUp } from './warm-up.ts';

type Overlay = 'palette' | 'keys' | 'tray' | undefined;

export function Shell() {
  const client = useQueryClient();
  const [overlay, setOverlay] = useState<Overlay>();
  const [isRailOpen, setRailOpen] = useState(false);
  const close = useCallback(() => setOverlay(undefined), []);

  const mayListen = useMay('audit:read');
  useEffect(() => {
    if (mayListen) openStream(client);
    return closeStream;
  }, [client, mayListen]);

  useLive(
    'job',
    useCallback(
      () => void client.invalidateQueries({ queryKey: questions.jobs().queryKey }),
      [client],
    ),
  );

  useFreshness(client);
  useFocusOnArrival();
  useWarmUp();
  // What lay over the old place closes as one leaves it, and not once the new one is there: by then a quick hand
  // may have opened something over that.
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onBeforeNavigate', ({ pathChanged }) => {
        if (!pathChanged) return;
        setRailOpen(false);
        setOverlay(undefined);
      }),
    [router],
  );

  useKeys({ palette: () => setOverlay('palette'), help: () => setOverlay('keys') });

  return (
    <div className={css.shell} data-rail={isRailOpen || undefined}>
      <button
        type="button"
        className="skip"
        onClick={() => document.getElementById('page-title')?.focus()}
      >
        Go to the page
      </button>
      <Rail onClose={() => setRailOpen(false)} />
      <Bar
        onMenu={() => setRailOpen((before) => !before)}
        onSearch={() => setOverlay('palette')}
        onKeys={() => setOverlay('keys')}
        onTray={() => setOverlay((before) => (before === 'tray' ? undefined : 'tray'))}
      />
      <main className={css.main}>
        <Outlet />
      </main>
      {overlay === 'tray' && <Tray onClose={close} />}
      {overlay === 'palette' && <Palette onClose={close} onKeys={() => setOverlay('keys')} />}
      {overlay === 'keys' && <KeysHelp onClose={close} />}
      <StepUp />
      <div id={ANNOUNCER_ID} role="status" className="hidden-visually" />
    </div>
  );
}

const GATHER_MS = 400;

/** What changed in an organization is asked again, once for a burst of changes; only what is on the page is fetched. */
function useFreshness(client: QueryClient): void {
  useEffect(() => {
    const changed = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      timer = undefined;
      const hull = client.getQueryData(questions.hull().queryKey);
      const me = client.getQueryData(questions.me().queryKey);
      // Notices name organizations by id, addresses by slug.
      const prefixes = [...changed].flatMap((id) => {
        const slug = hull?.slugs[hull.ids.indexOf(id)] ?? (me?.tenant?.id === id && me.tenant.slug);
        return slug ? [`tenants/${id}/`, `tenants/${slug}/`] : ['tenants/'];
      });
      changed.clear();
      void client.invalidateQueries({
        predicate: ({ queryKey: [path] }) =>
          typeof path === 'string' &&
          (path === 'tenants' || prefixes.some((prefix) => `${path}/`.startsWith(prefix))) &&
          !/\/(?:events|policies\/\w+\/preview)\b/.test(path),
      });
    };
    const end = listen('change', ({ tenant }) => {
      changed.add(tenant);
      timer ??= setTimeout(refresh, GATHER_MS);
    });
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [client]);
}

/** Who goes by keyboard or listens is told where they are: focus goes to the new page's first sentence. */
function useFocusOnArrival(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ pathChanged }) => {
        const focused = document.activeElement;
        if (pathChanged && (focused === document.body || focused?.closest('nav, header') != null))
          document.getElementById('page-title')?.focus({ preventScroll: true });
      }),
    [router],
  );
}
