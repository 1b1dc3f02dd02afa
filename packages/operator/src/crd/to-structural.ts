import { z, type ZodType } from 'zod';
import type { JsonSchema } from './json-schema.ts';

/** What a structural schema may say of a value, in the order it is written. */
const kept = [
  'description',
  'type',
  'format',
  'nullable',
  'default',
  'enum',
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
] as const satisfies (keyof JsonSchema)[];

/** zod writes patterns for these, which say less than the format and cost the server CEL budget. */
const formatsWithoutPattern = new Set(['date-time', 'date', 'email', 'uri', 'uuid', 'ipv4', 'ipv6']);

/**
 * Turns a zod schema into the structural schema that a CustomResourceDefinition asks for.
 * Keys `x-kubernetes-…` in `.meta({…})` pass through.
 * @throws when the schema says something that the API server can't check; the message names the field
 */
export function toStructural(schema: ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'throw',
    reused: 'inline',
    cycles: 'throw',
  });
  return structural(json as JsonSchema, '');
}

function structural(schema: JsonSchema, path: string): JsonSchema {
  if ('$ref' in schema) throw unfit(path, 'is a reference: take `id` out of its meta');
  if (schema['x-kubernetes-int-or-string'] === true) return intOrString(schema);
  refuseUnion(schema, path);

  const out: JsonSchema = {};
  for (const key of kept) if (schema[key] !== undefined) Object.assign(out, { [key]: schema[key] });
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith('x-kubernetes-')) out[key as `x-kubernetes-${string}`] = value;
  }
  dropSafeIntegerBounds(out);
  if (out.format !== undefined && formatsWithoutPattern.has(out.format)) delete out.pattern;
  if (out.pattern !== undefined) refusePattern(out.pattern, path);
  if (out.nullable === true && out.default !== undefined) {
    throw unfit(path, 'is nullable with a default: the server drops null before it fills defaults in');
  }

  if (schema.properties !== undefined) {
    out.properties = {};
    for (const [name, property] of Object.entries(schema.properties)) {
      out.properties[name] = structural(property, `${path}.${name}`);
    }
  }
  if (schema.items !== undefined) out.items = structural(schema.items, `${path}[]`);
  keepAdditional(schema, out, path);
  if (out.type === undefined && out['x-kubernetes-preserve-unknown-fields'] !== true) {
    if (out.enum === undefined) out['x-kubernetes-preserve-unknown-fields'] = true;
    else out.type = typeOfEnum(out.enum, path);
  }
  return out;
}

/** The one union that a structural schema knows; its exact form is fixed. */
function intOrString(schema: JsonSchema): JsonSchema {
  const out: JsonSchema = { 'x-kubernetes-int-or-string': true };
  if (schema.description !== undefined) out.description = schema.description;
  if (schema.default !== undefined) out.default = schema.default;
  if (schema.pattern !== undefined) out.pattern = schema.pattern;
  return out;
}

function refuseUnion(schema: JsonSchema, path: string): void {
  for (const key of ['anyOf', 'oneOf', 'allOf', 'not'] as const) {
    if (schema[key] !== undefined) {
      throw unfit(path, `holds ${key}, whose types the server can't see: use optional fields and a CEL rule`);
    }
  }
}

/** zod bounds each integer by what a double holds; that is no rule of ours, and 64 bits is how Go keeps it. */
function dropSafeIntegerBounds(schema: JsonSchema): void {
  if (schema.type !== 'integer') return;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  schema.format ??= 'int64';
}

/** The server's patterns are RE2, which has neither look-around nor back-references. */
function refusePattern(pattern: string, path: string): void {
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</.test(pattern)) {
    throw unfit(path, `has pattern ${pattern}, which RE2 can't read: no look-around, no back-references`);
  }
}

function keepAdditional(schema: JsonSchema, out: JsonSchema, path: string): void {
  const additional = schema.additionalProperties;
  if (additional === undefined || additional === false) return;
  const anything = additional === true || Object.keys(additional).length === 0;
  if (schema.properties !== undefined || anything) {
    if (!anything) throw unfit(path, 'has both named and typed additional properties');
    out['x-kubernetes-preserve-unknown-fields'] = true;
  } else {
    out.additionalProperties = structural(additional, `${path}.*`);
  }
}

function typeOfEnum(values: unknown[], path: string): string {
  const types = new Set(values.map((value) => typeof value));
  const [type] = types;
  if (types.size !== 1 || type === undefined) throw unfit(path, 'is an enum of mixed types');
  return type;
}

const unfit = (path: string, why: string) => new Error(`field ${path === '' ? '(root)' : path.slice(1)} ${why}`);
