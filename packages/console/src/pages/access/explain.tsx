/** May they, and why: one sentence, and the way from the person to the permission. */
import { Select } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { questions } from '../../api/queries.ts';
import type { Explanation } from '../../api/shapes.ts';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import { nameOf } from '../audit/say-event.ts';
import css from './explain.module.css';

export function ExplainPage() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant/explain' });
  const search = useSearch({ from: '/shell/tenants/$tenant/explain' });
  const navigate = useNavigate({ from: '/tenants/$tenant/explain' });
  const members = useInfiniteQuery(questions.members(tenant, { limit: 200 }));
  const matrix = useQuery(questions.matrix(tenant)).data;
  const isAsked = search.actor !== undefined && search.permission !== undefined;
  const answer = useQuery({
    ...questions.explain(tenant, {
      actor: search.actor,
      permission: search.permission,
      node: search.node,
    }),
    enabled: isAsked,
  });
  const people = members.data?.pages.flatMap((page) => page.items) ?? [];
  const explanation = isAsked ? answer.data : undefined;
  return (
    <>
      <SentenceHeader
        place={`Explain, ${tenant}`}
        state={explanation === undefined ? undefined : explanation.allowed ? 'proven' : 'quiet'}
        sentence={
          explanation === undefined
            ? 'Who may do what, and why?'
            : `${explanation.allowed ? 'Yes' : 'No'}: ${nameOf(explanation.actor)} ${explanation.allowed ? 'may' : 'may not'} ${explanation.permission}`
        }
        meta={
          explanation?.because ??
          'Choose a person and a permission; the answer is the one that every request gets.'
        }
      />
      <div className={css.ask}>
        <Select
          label="Person or service account"
          searchable
          placeholder="Choose"
          data={people.map((member) => ({
            value: `${member.type}:${member.id}`,
            label: member.email === null ? member.name : `${member.name}, ${member.email}`,
          }))}
          value={search.actor ?? null}
          onChange={(actor) =>
            void navigate({ search: { ...search, actor: actor ?? undefined }, replace: true })
          }
        />
        <Select
          label="Permission"
          searchable
          placeholder="Choose"
          data={(matrix?.permissions ?? []).map(({ name }) => name)}
          value={search.permission ?? null}
          onChange={(permission) =>
            void navigate({
              search: { ...search, permission: permission ?? undefined },
              replace: true,
            })
          }
        />
      </div>
      {isAsked && answer.isPending && <Loading what="the answer" rows={3} />}
      {isAsked && answer.isError && (
        <Failure error={answer.error} retry={() => void answer.refetch()} />
      )}
      {explanation !== undefined && <Path explanation={explanation} />}
      {!isAsked && (
        <Empty>In the matrix of roles, a press on any square comes here with both chosen.</Empty>
      )}
    </>
  );
}

const kinds: Record<Explanation['path'][number]['kind'], string> = {
  actor: 'Person',
  group: 'Group',
  grant: 'Grant',
  role: 'Role',
  permission: 'Permission',
  node: 'On',
};

function Path({ explanation }: { readonly explanation: Explanation }) {
  if (explanation.path.length === 0) {
    return (
      <p className={css.none}>
        <StateMark state="quiet" /> No grant leads from {nameOf(explanation.actor)} to{' '}
        <code>{explanation.permission}</code>. What nobody granted is refused.
      </p>
    );
  }
  return (
    <ol className={css.path} aria-label="How it is granted">
      {explanation.path.map((step) => (
        <li key={`${step.kind} ${step.id}`}>
          <span className="small faint">{kinds[step.kind]}</span>
          <span>{step.name}</span>
        </li>
      ))}
    </ol>
  );
}
