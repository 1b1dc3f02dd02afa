import { ApiError } from '../src/api-error.ts';
import type { Selection } from '../src/client.ts';
import type { KubernetesObject } from '../src/resource.ts';
import { valueAt } from './json.ts';

export type Matches = (object: KubernetesObject) => boolean;

/**
 * Reads selectors as the API server does.
 * @param selectable paths that field selectors may name besides `metadata.name` and `metadata.namespace`
 * @throws ApiError `BadRequest` for what it can't read, and for fields that the kind doesn't offer
 */
export function selector({ labelSelector, fieldSelector }: Selection, selectable: readonly string[]): Matches {
  const terms = [...labelTerms(labelSelector ?? ''), ...fieldTerms(fieldSelector ?? '', selectable)];
  return (object) => terms.every((term) => term(object));
}

function labelTerms(text: string): Matches[] {
  return splitOutsideParentheses(text).map((term) => {
    const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
    if (set) {
      const values = set[3]!.split(',').map((value) => value.trim());
      const isIn = set[2] === 'in';
      return ({ metadata }) => {
        const value = metadata.labels?.[set[1]!];
        return isIn ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value);
      };
    }
    const equality = /^([^\s=!]+)\s*(==?|!=)\s*(\S*)$/.exec(term);
    if (equality) {
      const [, name, operator, wanted] = equality;
      return ({ metadata }) => (metadata.labels?.[name!] === wanted) === (operator !== '!=');
    }
    const existence = /^(!?)\s*([^\s=!]+)$/.exec(term);
    if (!existence) throw new ApiError(400, 'BadRequest', `unable to parse requirement of a label selector: ${term}`);
    return ({ metadata }) => (metadata.labels?.[existence[2]!] !== undefined) === (existence[1] === '');
  });
}

function fieldTerms(text: string, selectable: readonly string[]): Matches[] {
  const known = new Set(['metadata.name', 'metadata.namespace', ...selectable.map((path) => path.replace(/^\./, ''))]);
  return splitOutsideParentheses(text).map((term) => {
    const parsed = /^([^\s=!]+)(==?|!=)(.*)$/.exec(term);
    if (!parsed) throw new ApiError(400, 'BadRequest', `invalid field selector: ${term}`);
    const [, path, operator, wanted] = parsed;
    if (!known.has(path!)) throw new ApiError(400, 'BadRequest', `field label not supported: ${path}`);
    return (object) => {
      const value = valueAt(object, path!);
      const shown =
        typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : '';
      return (shown === wanted) === (operator !== '!=');
    };
  });
}

function splitOutsideParentheses(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}
