/** Every address of the console. A page's code comes when it's asked for; the overview's first. */
import type {
  FetchInfiniteQueryOptions,
  FetchQueryOptions,
  QueryClient,
  QueryKey,
} from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { questions } from './api/queries.ts';
import { isApiError, rememberCsrfToken } from './api/request.ts';
import type { Me } from './api/shapes.ts';
import {
  askedLog,
  askedMembers,
  askedTenants,
  askedTimeline,
  askedUsers,
  OPERATORS,
  whoseLog,
} from './pages/asked.ts';
import { loadMap } from './pages/isolation/load-map.ts';
import { tenantPreference } from './parts/preference.ts';
import { auditSearch, parseSearch, stringifySearch, texts } from './search-params.ts';
import { reasonFor } from './session/reason.ts';
import { NotFound } from './shell/not-found.tsx';
import { PageFailure, ShellFailure } from './shell/page-failure.tsx';
import { Shell } from './shell/shell.tsx';

interface RouterContext {
  readonly client: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: NotFound,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: texts('next'),
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in.tsx'), 'SignIn'),
});

const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  validateSearch: texts('email'),
  component: lazyRouteComponent(
    () => import('./pages/sign-in/forgot-password.tsx'),
    'ForgotPassword',
  ),
});

const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: lazyRouteComponent(
    () => import('./pages/sign-in/reset-password.tsx'),
    'ResetPassword',
  ),
});

const confirmEmail = createRoute({
  getParentRoute: () => root,
  path: '/confirm-email',
  component: lazyRouteComponent(() => import('./pages/sign-in/confirm-email.tsx'), 'ConfirmEmail'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./pages/sign-in/invitation.tsx'), 'InvitationPage'),
});

const organizations = createRoute({
  getParentRoute: () => root,
  path: '/organizations',
  component: lazyRouteComponent(
    () => import('./pages/organizations/organizations.tsx'),
    'OrganizationsPage',
  ),
});

const enrol = createRoute({
  getParentRoute: () => root,
  path: '/enrol',
  validateSearch: texts('next'),
  component: lazyRouteComponent(() => import('./pages/account/enrol.tsx'), 'EnrolPage'),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  errorComponent: ShellFailure,
  async beforeLoad({ context, location }) {
    try {
      const me = await context.client.ensureQueryData(questions.me());
      rememberCsrfToken(me.csrfToken);
    } catch (error) {
      if (!isApiError(error)) throw error;
      const search = { next: location.href };
      if (error.problem.status === 401) throw redirect({ to: '/sign-in', search });
      // Of none, of several with none chosen, or not of the one that was chosen.
      if (error.problem.code === 'http.absent') throw redirect({ to: '/organizations' });
      if (error.problem.code.startsWith('policies.mfa_')) throw redirect({ to: '/enrol', search });
      throw error;
    }
  },
});

interface Asked {
  readonly client: QueryClient;
  readonly me: Me;
  readonly search: object;
  /** Of the address; empty where it names none. */
  readonly tenant: string;
}

/**
 * Asked as soon as somebody points at the link, and at the latest beside the page's code. What is known already the
 * page asks again by itself, if it has to.
 */
const ahead =
  (fetchAhead: (asked: Asked) => unknown) =>
  ({ context: { client }, location: { search }, params, cause }: LoaderPart): void => {
    const me = client.getQueryData(questions.me().queryKey);
    const tenant = 'tenant' in params ? String(params.tenant) : '';
    if (me !== undefined && cause !== 'stay') fetchAhead({ client, me, search, tenant });
  };

interface LoaderPart {
  readonly context: RouterContext;
  readonly location: { readonly search: object };
  readonly params: object;
  readonly cause: 'preload' | 'enter' | 'stay';
}

/** What is the operators' anyway. */
const aheadOfOperators = (fetchAhead: (asked: Asked) => unknown) =>
  ahead((asked) => asked.me.plane === 'operator' && fetchAhead(asked));

/**
 * What is an organization's: for its own people, and for an operator who has said why they come. To look into one is
 * on record, and pointing at it is not looking.
 */
const isInside = (me: Me, tenant: string): boolean =>
  me.plane === 'tenant' || tenant === OPERATORS || reasonFor(tenant) !== undefined;

const aheadInside = (fetchAhead: (asked: Asked) => unknown) =>
  ahead((asked) => isInside(asked.me, asked.tenant) && fetchAhead(asked));

/** Unless it is known. */
async function have<T, K extends QueryKey>(
  client: QueryClient,
  asked: FetchQueryOptions<T, Error, T, K>,
): Promise<void> {
  if (client.getQueryData(asked.queryKey) === undefined) await client.prefetchQuery(asked);
}

/** The same for the first page of a list. */
async function haveList<T, K extends QueryKey, P>(
  client: QueryClient,
  asked: FetchInfiniteQueryOptions<T, Error, T, K, P>,
): Promise<void> {
  if (client.getQueryData(asked.queryKey) === undefined) await client.prefetchInfiniteQuery(asked);
}

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  loader: aheadOfOperators(({ client }) => {
    have(client, questions.overview());
    have(client, questions.hull());
  }),
  component: lazyRouteComponent(() => import('./pages/overview/overview.tsx'), 'OverviewPage'),
});

const tenants = createRoute({
  getParentRoute: () => shell,
  path: '/tenants',
  validateSearch: texts('q', 'status', 'sort', 'new'),
  loader: aheadOfOperators(({ client, search }) => haveList(client, askedTenants(search))),
  component: lazyRouteComponent(() => import('./pages/tenants/tenants.tsx'), 'TenantsPage'),
});

const tenant = createRoute({
  getParentRoute: () => shell,
  path: '/tenants/$tenant',
  component: lazyRouteComponent(() => import('./pages/tenant/tenant-frame.tsx'), 'TenantFrame'),
});

const story = createRoute({
  getParentRoute: () => tenant,
  path: '/',
  loader: aheadInside(({ client, tenant }) => {
    have(client, questions.tenant(tenant));
    haveList(client, askedTimeline(tenant));
  }),
  component: lazyRouteComponent(() => import('./pages/tenant/story.tsx'), 'StoryPage'),
});

const people = createRoute({
  getParentRoute: () => tenant,
  path: '/people',
  validateSearch: texts('q', 'person'),
  loader: aheadInside(async ({ client, tenant, search }) => {
    const members = askedMembers(tenant, search);
    await haveList(client, members);
    const [first] = client.getQueryData(members.queryKey)?.pages ?? [];
    if (first !== undefined) await have(client, questions.grantsOf(tenant, first.items));
  }),
  component: lazyRouteComponent(() => import('./pages/people/people.tsx'), 'PeoplePage'),
});

const invitations = createRoute({
  getParentRoute: () => tenant,
  path: '/invitations',
  validateSearch: texts('new'),
  loader: aheadInside(({ client, tenant }) => haveList(client, questions.invitations(tenant))),
  component: lazyRouteComponent(() => import('./pages/people/invitations.tsx'), 'InvitationsPage'),
});

const roles = createRoute({
  getParentRoute: () => tenant,
  path: '/roles',
  validateSearch: texts('view', 'q', 'role'),
  loader: aheadInside(({ client, tenant }) => {
    have(client, questions.roles(tenant));
    have(client, questions.permissions(tenant));
    have(client, questions.matrix(tenant));
  }),
  component: lazyRouteComponent(() => import('./pages/access/roles.tsx'), 'RolesPage'),
});

const explain = createRoute({
  getParentRoute: () => tenant,
  path: '/explain',
  validateSearch: texts('actor', 'permission', 'node'),
  component: lazyRouteComponent(() => import('./pages/access/explain.tsx'), 'ExplainPage'),
});

const policies = createRoute({
  getParentRoute: () => tenant,
  path: '/policies',
  validateSearch: texts('kind'),
  loader: aheadInside(({ client, tenant }) => have(client, questions.policies(tenant))),
  component: lazyRouteComponent(() => import('./pages/policies/policies.tsx'), 'PoliciesPage'),
});

const keys = createRoute({
  getParentRoute: () => tenant,
  path: '/keys',
  validateSearch: texts('view', 'new'),
  component: lazyRouteComponent(() => import('./pages/keys/keys.tsx'), 'KeysPage'),
});

const users = createRoute({
  getParentRoute: () => shell,
  path: '/users',
  validateSearch: texts('email', 'user'),
  loader: aheadOfOperators(({ client, search }) => haveList(client, askedUsers(search))),
  component: lazyRouteComponent(() => import('./pages/users/users.tsx'), 'UsersPage'),
});

const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/account.tsx'), 'AccountPage'),
});

const isolation = createRoute({
  getParentRoute: () => shell,
  path: '/isolation',
  validateSearch: texts('view', 'verdict', 'object', 'q'),
  loader: aheadOfOperators(({ client }) => {
    have(client, questions.isolation());
    void loadMap().catch(() => undefined);
  }),
  component: lazyRouteComponent(() => import('./pages/isolation/isolation.tsx'), 'IsolationPage'),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: auditSearch,
  loader: ahead(({ client, me, search }) => {
    const hull = client.getQueryData(questions.hull().queryKey);
    const tenant = whoseLog(search, me, tenantPreference.read(), hull);
    if (!isInside(me, tenant)) return;
    const { events, histogram } = askedLog(tenant, search, new Date());
    haveList(client, events);
    have(client, histogram);
  }),
  component: lazyRouteComponent(() => import('./pages/audit/audit.tsx'), 'AuditPage'),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  loader: aheadOfOperators(({ client }) => have(client, questions.settings())),
  component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'SettingsPage'),
});

const tree = root.addChildren([
  signIn,
  forgotPassword,
  resetPassword,
  confirmEmail,
  invitation,
  organizations,
  enrol,
  shell.addChildren([
    overview,
    tenants,
    tenant.addChildren([story, people, invitations, roles, explain, policies, keys]),
    isolation,
    audit,
    users,
    account,
    settings,
  ]),
]);

export const createConsoleRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    basepath: new URL(document.baseURI).pathname,
    context: { client },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
