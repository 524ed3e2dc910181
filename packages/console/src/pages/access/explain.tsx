/** May they, and why: one sentence, and the way from the person to the permission. */
import { Select } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { questions } from '../../api/queries.ts';
import type { ExplainedGrant, Explanation } from '../../api/shapes.ts';
import { Moment } from '../../parts/moment.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import css from './explain.module.css';
import { becauseOf, hindranceOf } from './say-explanation.ts';

export function ExplainPage() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant/explain' });
  const search = useSearch({ from: '/shell/tenants/$tenant/explain' });
  const navigate = useNavigate({ from: '/tenants/$tenant/explain' });
  const members = useInfiniteQuery(questions.members(tenant, { limit: 200 }));
  const catalogue = useQuery(questions.permissions(tenant)).data;
  const isAsked = search.actor !== undefined && search.permission !== undefined;
  const answer = useQuery({
    ...questions.explain(tenant, search.actor ?? '', search.permission ?? ''),
    enabled: isAsked,
  });
  const people = members.data?.pages.flatMap((page) => page.items) ?? [];
  const explanation = isAsked ? answer.data : undefined;
  const name =
    people.find((member) => `${member.type}:${member.id}` === search.actor)?.name ??
    search.actor ??
    '';
  return (
    <>
      <SentenceHeader
        place={`Explain, ${tenant}`}
        state={explanation === undefined ? undefined : explanation.permitted ? 'proven' : 'quiet'}
        sentence={
          explanation === undefined
            ? 'Who may do what, and why?'
            : `${explanation.permitted ? 'Yes' : 'No'}: ${name} ${explanation.permitted ? 'may' : 'may not'} ${explanation.permission}`
        }
        meta={
          explanation === undefined
            ? 'Choose a person and a permission; the answer is the one that every request gets.'
            : becauseOf(explanation, name)
        }
      />
      <div className={css.ask}>
        <Select
          label="Person or service account"
          searchable
          placeholder="Choose"
          nothingFoundMessage="Nobody is called that"
          data={people.map((member) => ({
            value: `${member.type}:${member.id}`,
            label: member.email === null ? member.name : `${member.name}, ${member.email}`,
          }))}
          value={search.actor ?? null}
          onChange={(actor) =>
            void navigate({
              search: (before) => ({ ...before, actor: actor ?? undefined }),
              replace: true,
            })
          }
        />
        <Select
          label="Permission"
          searchable
          placeholder="Choose"
          nothingFoundMessage="There is no such permission"
          data={catalogue?.permissions.map((permission) => permission.name) ?? []}
          value={search.permission ?? null}
          onChange={(permission) =>
            void navigate({
              search: (before) => ({ ...before, permission: permission ?? undefined }),
              replace: true,
            })
          }
        />
      </div>
      {isAsked && answer.isPending && <Loading what="the answer" rows={3} />}
      {isAsked && answer.isError && (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      )}
      {explanation !== undefined && <Ways explanation={explanation} name={name} />}
      {!isAsked && (
        <Empty>In the matrix of roles, a press on any square comes here with both chosen.</Empty>
      )}
    </>
  );
}

function Ways({ explanation, name }: { readonly explanation: Explanation; readonly name: string }) {
  const { grants, near, rolesWith, permission } = explanation;
  return (
    <div className={css.ways}>
      {grants.map((grant) => (
        <Way key={grant.grant} grant={grant} name={name} permission={permission} />
      ))}
      {near.length > 0 && <h2>What would give it, and what is in the way</h2>}
      {near.map((grant) => (
        <Way key={grant.grant} grant={grant} name={name} permission={permission} />
      ))}
      {!explanation.permitted && rolesWith.length > 0 && (
        <p className="soft">
          Roles that hold <code>{permission}</code>: {rolesWith.join(', ')}.
        </p>
      )}
    </div>
  );
}

interface WayProps {
  readonly grant: ExplainedGrant;
  readonly name: string;
  readonly permission: string;
}

function Way({ grant, name, permission }: WayProps) {
  const through = grant.roles.filter((role) => role !== grant.role);
  const steps: readonly (readonly [kind: string, words: string])[] = [
    ['Member', name],
    ...(grant.group === null ? [] : [['Group', grant.group.name] as const]),
    ['Role', grant.role],
    ...through.map((role) => ['inherits', role] as const),
    ['Permission', permission],
    ['On', grant.nodeName ?? 'the whole organization'],
  ];
  return (
    <section className={css.way} data-hindered={grant.hindrance !== undefined || undefined}>
      <ol className={css.path}>
        {steps.map(([kind, words]) => (
          <li key={`${kind} ${words}`}>
            <span className="small faint">{kind}</span>
            <span>{words}</span>
          </li>
        ))}
      </ol>
      <p className="small faint">
        {grant.hindrance !== undefined && (
          <>
            <StateMark state="attention" size={8} /> {hindranceOf(grant.hindrance)}{' '}
          </>
        )}
        Granted by {grant.grantedBy}, {grant.source}
        {grant.expiresAt !== null && (
          <>
            , ends <Moment at={grant.expiresAt} />
          </>
        )}
        .
      </p>
    </section>
  );
}
