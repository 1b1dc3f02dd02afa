import { createPatch, type Operation } from 'rfc6902';

/**
 * The JSON patch (RFC 6902) that makes one JSON value of another, found in time that grows with their size alone: lists
 * of one length are compared item by item, others are replaced whole. The library's own way with lists looks for the
 * shortest edit, which takes the square of their length, at each level anew.
 */
export function jsonPatch(before: unknown, after: unknown): Operation[] {
  return createPatch(before, after, (input: unknown, output: unknown, path) => {
    if (!Array.isArray(input) || !Array.isArray(output)) return undefined;
    if (input.length !== output.length) return [{ op: 'replace', path: path.toString(), value: output }];
    return input.flatMap((item: unknown, index) => {
      const at = path.add(`${index}`).toString();
      return jsonPatch(item, output[index]).map((operation) => ({ ...operation, path: at + operation.path }));
    });
  });
}
