/** One organization's whole story: who is in it, what they may do, what happened, what the log says of it. */

import { Menu } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { questions } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Hull, Overview, State, TenantStory } from '../../api/shapes.ts';
import { Ribbon } from '../../charts/ribbon.tsx';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Id } from '../../parts/copy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { Facts, Part } from '../../parts/side-panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { count } from '../../parts/time.ts';
import { useMay, useMe } from '../../session/session.ts';
import { askedTimeline } from '../asked.ts';
import { sayEvent } from '../audit/say-event.ts';
import { RenameTenant } from './rename-tenant.tsx';
import css from './story.module.css';

type Asked = 'rename' | 'disable' | 'enable' | undefined;

export function StoryPage() {
  const { tenant: slug } = useParams({ from: '/shell/tenants/$tenant/' });
  const story = useQuery(questions.tenant(slug));
  const [asked, setAsked] = useState<Asked>();
  const mayManage = useMay('tenant:manage');
  const isOperator = useMe().plane === 'operator';
  const isolation = useQuery({
    ...questions.overview(),
    enabled: isOperator,
    // Of the proof alone, which is made by the hour; the stream tells of a new one.
    staleTime: 60_000,
  }).data?.isolation;
  const hull = useQuery({ ...questions.hull(), enabled: isOperator }).data;
  if (story.isError) return <Failure error={story.error} retry={() => void story.refetch()} />;
  if (story.data === undefined) return <Coming slug={slug} name={nameIn(hull, slug)} />;
  const tenant = story.data;
  const standing = standingOf(tenant, isolation);
  return (
    <>
      <SentenceHeader
        place={tenant.slug}
        state={standing.state}
        sentence={`${tenant.name} ${standing.words}`}
        meta={metaOf(tenant)}
        actions={
          mayManage && (
            <Menu position="bottom-end">
              <Menu.Target>
                <Button icon="down">Change</Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => setAsked('rename')}>Rename …</Menu.Item>
                <Menu.Item
                  onClick={() => setAsked(tenant.status === 'active' ? 'disable' : 'enable')}
                >
                  {tenant.status === 'active' ? 'Disable …' : 'Enable …'}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )
        }
      />
      <div className={css.page}>
        <div className={css.main}>
          <Ribbon slots={tenant.activity} label="The last 30 days" daily height={64} />
          <Timeline tenant={tenant.slug} />
        </div>
        <div className={css.side}>
          <Part title="Who is in it">
            <ul className={css.links}>
              <Counted to="people" tenant={slug} number={tenant.members} noun="member" />
              <Counted
                to="invitations"
                tenant={slug}
                number={tenant.invitations}
                noun="open invitation"
              />
              <Counted
                to="people"
                tenant={slug}
                number={tenant.serviceAccounts}
                noun="service account"
              />
              <li>
                <Link to="/tenants/$tenant/keys" params={{ tenant: tenant.slug }} search={{}}>
                  {count(tenant.apiKeys, 'API key')}
                </Link>
              </li>
              <li>
                <Link
                  to="/tenants/$tenant/keys"
                  params={{ tenant: tenant.slug }}
                  search={{ view: 'sessions' }}
                >
                  {count(tenant.sessions, 'session')}
                </Link>
              </li>
            </ul>
          </Part>
          <Part title="Its log">
            <Facts
              items={[
                ['Events', tenant.log.size.toLocaleString('en')],
                [
                  'Signed',
                  tenant.log.signedSize >= tenant.log.size
                    ? 'to the last one'
                    : `to number ${tenant.log.signedSize.toLocaleString('en')}`,
                ],
                ['Checkpoint', <Moment key="at" at={tenant.log.signedAt} />],
                ['Origin', <Id key="origin" value={tenant.log.origin} of="origin" length={26} />],
              ]}
            />
          </Part>
          <Part title="Its names">
            <Facts
              items={[
                ['Slug', <code key="slug">{tenant.slug}</code>],
                ['Id', <Id key="id" value={tenant.id} of="organization" />],
                tenant.externalId !== null && [
                  'External id',
                  <Id key="external" value={tenant.externalId} of="external id" length={24} />,
                ],
                ['Domains', tenant.domains.join(', ') || 'none'],
                ['Aboard since', <Moment key="since" at={tenant.createdAt} />],
              ]}
            />
          </Part>
        </div>
      </div>
      {asked === 'rename' && <RenameTenant tenant={tenant} onClose={() => setAsked(undefined)} />}
      {(asked === 'disable' || asked === 'enable') && (
        <Turn tenant={tenant} way={asked} onClose={() => setAsked(undefined)} />
      )}
    </>
  );
}

/** The page before its organization is known: its name, where it was seen before, and what happened in it. */
function Coming({ slug, name }: { readonly slug: string; readonly name: string }) {
  return (
    <>
      <SentenceHeader place={slug} sentence={name} />
      <div className={css.page}>
        <div className={css.main}>
          <Loading what="the organization" height={116} />
          <Timeline tenant={slug} />
        </div>
        <div className={css.side}>
          <Loading what="who is in it" rows={9} />
        </div>
      </div>
    </>
  );
}

const nameIn = (hull: Hull | undefined, slug: string): string =>
  hull?.names[hull.slugs.indexOf(slug)] ?? slug;

function metaOf(tenant: TenantStory) {
  const members = count(tenant.members, 'member');
  return (
    <>
      {members}, {count(tenant.events24h, 'event')} in the last 24 hours
      {tenant.denials24h > 0 ? (
        <>
          ,{' '}
          <Link to="/audit" search={{ tenant: tenant.slug, outcome: ['denied'] }}>
            {count(tenant.denials24h, 'denied crossing')}
          </Link>
        </>
      ) : (
        ', nothing denied'
      )}
      . Last event <Moment at={tenant.lastEventAt} />.
    </>
  );
}

function Counted(props: {
  to: 'people' | 'invitations';
  tenant: string;
  number: number;
  noun: string;
}) {
  const { to, tenant, number, noun } = props;
  return (
    <li>
      <Link to={`/tenants/$tenant/${to}`} params={{ tenant }}>
        {count(number, noun)}
      </Link>
    </li>
  );
}

function Timeline({ tenant }: { readonly tenant: string }) {
  const events = useInfiniteQuery(askedTimeline(tenant));
  const rows = events.data?.pages[0]?.items ?? [];
  return (
    <Part
      title="What happened"
      aside={
        <Link to="/audit" search={{ tenant }}>
          The whole log
        </Link>
      }
    >
      {events.isPending && <Loading what="the log" rows={8} />}
      {events.isError && <Failure error={events.error} retry={() => void events.refetch()} />}
      {events.isSuccess && rows.length === 0 && <Empty>Nothing has happened here yet.</Empty>}
      <ol className={css.timeline}>
        {rows.map((event) => (
          <li key={event.id}>
            <StateMark state={event.outcome === 'success' ? 'quiet' : 'attention'} size={8} />
            <Link to="/audit" search={{ tenant, event: event.id }}>
              {sayEvent(event)}
            </Link>
            <span className="small faint">
              <Moment at={event.time} />
            </span>
          </li>
        ))}
      </ol>
    </Part>
  );
}

function Turn({
  tenant,
  way,
  onClose,
}: {
  readonly tenant: TenantStory;
  readonly way: 'disable' | 'enable';
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const isOff = way === 'disable';
  return (
    <Confirm
      title={isOff ? `Disable ${tenant.name}` : `Enable ${tenant.name}`}
      consequences={
        isOff ? (
          <>
            Within five seconds every request of {count(tenant.members, 'member')} and{' '}
            {count(tenant.apiKeys, 'API key')} is refused. Nothing is deleted; the log stays
            readable. Enabling it again undoes this.
          </>
        ) : (
          <>Its people and API keys can work again within five seconds.</>
        )
      }
      action={isOff ? 'Disable it' : 'Enable it'}
      danger={isOff}
      name={isOff ? tenant.slug : undefined}
      asksReason
      run={async (reason) => {
        await ask('post', `/tenants/{tenant}/${way}`, {
          path: { tenant: tenant.slug },
          body: { reason },
        });
        await client.invalidateQueries();
      }}
      onClose={onClose}
    />
  );
}

/** Isolated is said where it is proven, and to those who may read the proof. */
function standingOf(
  tenant: TenantStory,
  isolation: Overview['isolation'] | undefined,
): { readonly state: State; readonly words: string } {
  if (tenant.status !== 'active') return { state: 'quiet', words: `is ${tenant.status}` };
  if (isolation === undefined) return { state: 'quiet', words: 'is open' };
  const { leaks, unknown, provenAt } = isolation;
  if (provenAt === null) return { state: 'unknown', words: 'is open; nothing is proven yet' };
  if (leaks > 0) {
    const others = `${count(leaks, 'leak')} ${leaks === 1 ? 'lets' : 'let'} others at its rows`;
    return { state: 'breach', words: `is open; ${others}` };
  }
  if (unknown > 0)
    return { state: 'attention', words: `is open; ${count(unknown, 'object')} are undecided` };
  return { state: 'proven', words: 'is isolated and open' };
}
