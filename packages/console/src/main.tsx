/** Starts the console: one client of questions, one router, one theme. */
import './style/index.ts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isApiError } from './api/request.ts';
import { themePreference, usePreference } from './parts/preference.ts';
import { createConsoleRouter } from './router.tsx';
import { MantineProvider, theme } from './theme.ts';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; only what did not answer, or asked to come again, is asked again.
      retry: (times, error) =>
        times < 2 && isApiError(error) && [0, 502, 503].includes(error.problem.status),
      refetchOnWindowFocus: false,
    },
  },
});
const router = createConsoleRouter(client);

function Console() {
  const chosen = usePreference(themePreference);
  return (
    // Its variables and classes are in our style sheets: a strict policy refuses <style> elements.
    <MantineProvider
      key={chosen}
      theme={theme}
      defaultColorScheme={chosen}
      {...(chosen !== 'auto' && { forceColorScheme: chosen })}
      withCssVariables={false}
      withGlobalClasses={false}
      deduplicateCssVariables={false}
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

// A page the browser kept from before may show what its reader may no longer see.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no #root');
createRoot(element).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
