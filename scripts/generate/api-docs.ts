import { crdOf, type JsonSchema } from '@dot-kube/operator';
import type { CustomResource } from '../../src/api/custom-resource.ts';
import { kinds } from '../../src/api/kinds.ts';

/** Below this depth a field is shown with the type of what it holds alone: `kubectl explain` goes all the way down. */
const maxDepth = 4;

/** `docs/api.md`: every field of every kind, from the same schemas as the CustomResourceDefinitions. */
export const apiDocs = (): { path: string; content: string }[] => [
  {
    path: 'docs/api.md',
    content: [
      '# Kinds and their fields',
      '',
      'Generated from `src/api` by `npm run generate`. All kinds are cluster-scoped and of `hwameistor.io/v1alpha1`.',
      '`kubectl explain` tells the same. A field with a star must be given.',
      '',
      ...kinds.map(({ kind, shortNames }) => `* [${kind}](#${kind.toLowerCase()}) (\`${shortNames.join('`, `')}\`)`),
      '',
      ...kinds.flatMap(section),
    ].join('\n'),
  },
];

function section(kind: CustomResource<unknown, unknown>): string[] {
  const schema = crdOf(kind).spec.versions[0]?.schema.openAPIV3Schema ?? {};
  const { spec, status } = schema.properties ?? {};
  return [
    `## ${kind.kind}`,
    '',
    kind.description,
    '',
    '| field | type | meaning |',
    '|---|---|---|',
    ...[spec && rows('spec', spec, 1), status && rows('status', status, 1)].flatMap((lines) => lines ?? []),
    '',
    ...rules(schema),
  ];
}

function rows(path: string, schema: JsonSchema, depth: number): string[] {
  const holder = schema.items ?? schema.additionalProperties;
  const inner = typeof holder === 'object' ? holder : schema;
  const below = schema.items ? '[]' : typeof schema.additionalProperties === 'object' ? '.*' : '';
  return Object.entries(inner.properties ?? {}).flatMap(([name, field]) => {
    const here = `${path}${below}.${name}`;
    const star = inner.required?.includes(name) ? '*' : '';
    const line = `| \`${here}\`${star} | ${typeOf(field)} | ${meaningOf(field)} |`;
    return depth < maxDepth ? [line, ...rows(here, field, depth + 1)] : [line];
  });
}

function typeOf(schema: JsonSchema): string {
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `map of ${typeOf(schema.additionalProperties)}`;
  if (schema.format === 'date-time') return 'time';
  return schema.type ?? 'any';
}

function meaningOf({ description, default: standard, enum: values, minimum, maximum }: JsonSchema): string {
  return [
    description ?? '',
    values ? `One of ${values.map((value) => (value === '' ? '""' : `\`${String(value)}\``)).join(', ')}.` : '',
    rangeOf(minimum, maximum),
    standard === undefined ? '' : `Default: \`${JSON.stringify(standard)}\`.`,
  ]
    .filter((part) => part !== '')
    .join(' ')
    .replaceAll('|', '\\|');
}

function rangeOf(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `At least ${minimum}.`;
  return maximum === undefined ? '' : `At most ${maximum}.`;
}

/** What the API server refuses, in the words of its own messages. */
function rules(schema: JsonSchema): string[] {
  const messages = [...new Set(messagesOf(schema))];
  return messages.length === 0 ? [] : ['Refused:', '', ...messages.map((message) => `* ${message}`), ''];
}

function messagesOf(schema: JsonSchema): string[] {
  const own = (schema['x-kubernetes-validations'] ?? []) as { message: string }[];
  const below = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])];
  return [...own.map(({ message }) => message), ...below.flatMap(messagesOf)];
}
