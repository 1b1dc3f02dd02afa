import type { JsonSchema } from '../src/crd/json-schema.ts';
import { copy, isObject } from './json.ts';

/**
 * Takes a value in as the API server does by a structural schema: fields that the schema doesn't know are dropped,
 * nulls too where they aren't allowed and a default stands in, defaults are filled in.
 * @returns a new value
 */
export function admitted(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value)) return schema.items ? value.map((item) => admitted(schema.items!, item)) : value;
  if (!isObject(value)) return value;
  const out: Record<string, unknown> = {};
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  for (const [name, member] of Object.entries(value)) {
    const property = schema.properties?.[name] ?? additional(schema);
    if (property !== undefined) {
      if (member === null && property.nullable !== true && property.default !== undefined) continue;
      out[name] = admitted(property, member);
    } else if (keepsUnknown) out[name] = member;
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (out[name] === undefined && property.default !== undefined)
      out[name] = admitted(property, copy(property.default));
  }
  return out;
}

/** @returns one sentence for each fault, naming its field; CEL rules are not looked at */
export function faults(schema: JsonSchema, value: unknown, path: string): string[] {
  if (value === null) return schema.nullable === true ? [] : [`${path}: Invalid value: null`];
  if (schema['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || Number.isInteger(value) ? [] : [`${path}: must be an integer or a string`];
  }
  if (schema.type !== undefined && !hasType(schema.type, value)) {
    return [`${path}: Invalid value: must be of type ${schema.type}`];
  }
  const found: string[] = [];
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    found.push(
      `${path}: Unsupported value: ${JSON.stringify(value)}: supported values: ${JSON.stringify(schema.enum)}`,
    );
  }
  if (typeof value === 'string') found.push(...stringFaults(schema, value, path));
  if (typeof value === 'number') found.push(...numberFaults(schema, value, path));
  if (Array.isArray(value)) found.push(...listFaults(schema, value, path));
  if (isObject(value)) {
    for (const name of schema.required ?? [])
      if (value[name] === undefined) found.push(`${path}.${name}: Required value`);
    const { maxProperties } = schema;
    if (maxProperties !== undefined && Object.keys(value).length > maxProperties) {
      found.push(`${path}: Too many: must have at most ${maxProperties} members`);
    }
    for (const [name, member] of Object.entries(value)) {
      const property = schema.properties?.[name] ?? additional(schema);
      if (property !== undefined) found.push(...faults(property, member, `${path}.${name}`));
    }
  }
  return found;
}

function additional(schema: JsonSchema): JsonSchema | undefined {
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

function hasType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  return typeof value === type;
}

function stringFaults(schema: JsonSchema, value: string, path: string): string[] {
  const found: string[] = [];
  const { length } = Array.from(value); // in code points, as the server counts
  if (length < (schema.minLength ?? 0))
    found.push(`${path}: Invalid value: should be at least ${schema.minLength} chars long`);
  if (length > (schema.maxLength ?? Infinity))
    found.push(`${path}: Too long: may not be more than ${schema.maxLength} chars`);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    found.push(`${path}: Invalid value: ${JSON.stringify(value)}: should match '${schema.pattern}'`);
  }
  if (schema.format === 'date-time' && Number.isNaN(Date.parse(value))) {
    found.push(`${path}: Invalid value: ${JSON.stringify(value)}: must be of type date-time`);
  }
  return found;
}

function numberFaults(schema: JsonSchema, value: number, path: string): string[] {
  const found: string[] = [];
  const { minimum = -Infinity, maximum = Infinity } = schema;
  if (value < minimum || (schema.exclusiveMinimum === true && value === minimum)) {
    found.push(`${path}: Invalid value: ${value}: should be greater than or equal to ${minimum}`);
  }
  if (value > maximum || (schema.exclusiveMaximum === true && value === maximum)) {
    found.push(`${path}: Invalid value: ${value}: should be less than or equal to ${maximum}`);
  }
  return found;
}

function listFaults(schema: JsonSchema, value: unknown[], path: string): string[] {
  const found: string[] = [];
  if (value.length > (schema.maxItems ?? Infinity))
    found.push(`${path}: Too many: must have at most ${schema.maxItems} items`);
  if (value.length < (schema.minItems ?? 0)) found.push(`${path}: should have at least ${schema.minItems} items`);
  const keys = listMapKeys(schema);
  if (keys !== undefined || schema['x-kubernetes-list-type'] === 'set') {
    const seen = new Set<string>();
    for (const item of value) {
      const key = JSON.stringify(keys && isObject(item) ? keys.map((name) => item[name]) : item);
      if (seen.has(key)) found.push(`${path}: Duplicate value: ${key}`);
      seen.add(key);
    }
  }
  if (schema.items !== undefined) {
    for (const [index, item] of value.entries()) found.push(...faults(schema.items, item, `${path}[${index}]`));
  }
  return found;
}

/** The fields that tell the items of a list apart, when the schema says that it is a map. */
export function listMapKeys(schema: JsonSchema | undefined): readonly string[] | undefined {
  if (schema?.['x-kubernetes-list-type'] !== 'map') return undefined;
  return schema['x-kubernetes-list-map-keys'] as string[];
}
