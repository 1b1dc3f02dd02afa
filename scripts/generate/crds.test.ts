import { expect, test } from 'vitest';
import { crdOf, type JsonSchema } from '@dot-kube/operator';
import { kinds } from '../../src/api/kinds.ts';

/** Every field of a kind below its root, by its path. */
function* fieldsOf(schema: JsonSchema, path: string): Generator<[path: string, field: JsonSchema]> {
  yield [path, schema];
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* fieldsOf(field, `${path}.${name}`);
  if (schema.items) yield* fieldsOf(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === 'object') yield* fieldsOf(schema.additionalProperties, `${path}.*`);
}

/** `status` is the agent's or the controller's, but what they write comes from tools. */
const fields = kinds.flatMap((kind) => {
  const { spec, status } = crdOf(kind).spec.versions[0]?.schema.openAPIV3Schema.properties ?? {};
  return [
    ...(spec ? fieldsOf(spec, `${kind.kind}.spec`) : []),
    ...(status ? fieldsOf(status, `${kind.kind}.status`) : []),
  ];
});

const pathsOf = (test: (field: JsonSchema) => boolean): string[] =>
  fields.filter(([, field]) => test(field)).map(([path]) => path);

test('no text of any kind is without a bound', () => {
  const bounded = (field: JsonSchema) => field.maxLength ?? field.enum ?? field.format;
  expect(pathsOf((field) => field.type === 'string' && bounded(field) === undefined)).toEqual([]);
});

test('no list and no map of any kind is without a bound', () => {
  expect(pathsOf((field) => field.type === 'array' && field.maxItems === undefined)).toEqual([]);
  expect(pathsOf((field) => field.additionalProperties !== undefined && field.maxProperties === undefined)).toEqual([]);
});

test('every number says how low it may go', () => {
  expect(pathsOf((field) => field.type === 'integer' && field.minimum === undefined)).toEqual([]);
});

test('every kind says what it is, and every order and decision in a spec that users write', () => {
  expect(kinds.filter(({ description }) => description === '')).toEqual([]);
  const undescribed = fields.filter(
    ([path, field]) => /^\w+\.spec\.(delete|abort|config)$/.test(path) && !field.description,
  );
  expect(undescribed).toEqual([]);
});
