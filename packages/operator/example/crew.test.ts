import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the example as it is, in less than 60 lines', () => {
  const code = read('crew.ts');
  expect(code.trimEnd().split('\n').length).toBeLessThan(60);
  expect(read('../README.md')).toContain(`\`\`\`ts\n${code}\`\`\``);
});
