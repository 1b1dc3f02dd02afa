import { expect, test } from 'vitest';
import * as z from 'zod';
import { toStructural } from './to-structural.ts';

test('an object becomes typed properties, with defaulted fields left optional', () => {
  const schema = z.object({
    nodeName: z.string().min(1).max(63).describe('Where it lies.'),
    bytes: z.int().min(0),
    state: z.enum(['', 'Ready']).default(''),
    since: z.iso.datetime().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    tags: z.array(z.string()).default([]).meta({ 'x-kubernetes-list-type': 'set' }),
  });
  expect(toStructural(schema)).toEqual({
    type: 'object',
    required: ['nodeName', 'bytes'],
    properties: {
      nodeName: { type: 'string', minLength: 1, maxLength: 63, description: 'Where it lies.' },
      bytes: { type: 'integer', format: 'int64', minimum: 0 },
      state: { type: 'string', enum: ['', 'Ready'], default: '' },
      since: { type: 'string', format: 'date-time' },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      tags: { type: 'array', items: { type: 'string' }, default: [], 'x-kubernetes-list-type': 'set' },
    },
  });
});

test('loose objects and unknown values keep what they are given', () => {
  const schema = z.looseObject({ any: z.unknown().optional(), named: z.string().optional() });
  expect(toStructural(schema)).toEqual({
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { any: { 'x-kubernetes-preserve-unknown-fields': true }, named: { type: 'string' } },
  });
});

test('an integer or a string is told in the one form that the server knows', () => {
  const schema = z.union([z.int(), z.string()]).meta({ 'x-kubernetes-int-or-string': true });
  expect(toStructural(schema)).toEqual({ 'x-kubernetes-int-or-string': true });
});

test('literals and read-only fields lose what version 1 does not know', () => {
  expect(toStructural(z.object({ kind: z.literal('a').readonly() }))).toEqual({
    type: 'object',
    required: ['kind'],
    properties: { kind: { type: 'string', enum: ['a'] } },
  });
});

test.each([
  ['a union', z.object({ at: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]) }), /field at holds/],
  ['look-around', z.object({ name: z.string().regex(/^(?!x)/) }), /field name has pattern/],
  ['a reference', z.object({ part: z.string().meta({ id: 'Part' }) }), /reference/],
  ['a date', z.object({ at: z.date() }), /Date/],
  ['a nullable default', z.object({ n: z.string().nullable().default('x') }), /field n is nullable/],
])('%s is refused, since no server can check it', (_, schema, message) => {
  expect(() => toStructural(schema)).toThrow(message);
});
