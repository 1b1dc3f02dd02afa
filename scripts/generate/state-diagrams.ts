import { isSilent, lifecycleRows } from '../../src/machines/lifecycle-table.ts';
import { type Lifecycle, lifecycles } from '../../src/machines/lifecycles.ts';

/** One page a lifecycle in `docs/machines`: the diagram, what each event means, what is done where. */
export const stateDiagrams = (): { path: string; content: string }[] => [
  { path: 'docs/machines/README.md', content: overview() },
  ...lifecycles.map((lifecycle) => ({ path: `docs/machines/${lifecycle.name}.md`, content: page(lifecycle) })),
];

const overview = (): string =>
  [
    '# Lifecycles',
    '',
    'Generated from `src/machines` by `npm run generate`. A pass observes, turns what it saw into one event, and the machine',
    'answers with the next state or with effects, never both.',
    '',
    ...lifecycles.map(({ name, field, machine }) => `* [${machine.id}](${name}.md): ${field}`),
    '',
  ].join('\n');

function page(lifecycle: Lifecycle): string {
  const { machine, field, events } = lifecycle;
  const rows = lifecycleRows(lifecycle).filter((row) => !isSilent(row));
  const arrows = new Map<string, string[]>();
  for (const { state, event, next } of rows.filter(({ state, next }) => state !== next)) {
    const arrow = `${state} --> ${next}`;
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
  }
  const ends = Object.keys(machine.states).filter((state) => !rows.some((row) => row.state === state));
  return [
    `# ${machine.id}`,
    '',
    `The states are ${field}.`,
    '',
    '```mermaid',
    'stateDiagram-v2',
    `  [*] --> ${Object.keys(machine.states)[0]}`,
    ...[...arrows].map(([arrow, events]) => `  ${arrow} : ${events.join('<br/>')}`),
    ...ends.map((state) => `  ${state} --> [*]`),
    '```',
    '',
    '| in state | when | is done |',
    '|---|---|---|',
    ...rows.flatMap(({ state, event, effects }) =>
      effects.length > 0 ? [`| ${state} | \`${event}\` | ${effects.join(', ')} |`] : [],
    ),
    '',
    '| event | meaning |',
    '|---|---|',
    ...Object.entries(events).map(([event, meaning]) => `| \`${event}\` | ${meaning} |`),
    '',
  ].join('\n');
}
