import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claimFolder, isAlive, labPaths, liveLabs } from './state-folder.ts';

const name = `unit-${process.pid}`;

test('a name is claimed once, and again when its owner is dead', () => {
  const paths = claimFolder(name);
  try {
    expect(isAlive(paths)).toBe(true);
    expect(liveLabs()).toContain(name);
    expect(() => claimFolder(name)).toThrow(`the lab "${name}" is up already`);

    // A process number of ours with another start time: the number was given to a later process.
    writeFileSync(paths.owner, `${process.pid} 1`);
    writeFileSync(join(paths.folder, 'left-behind'), '');
    expect(liveLabs()).not.toContain(name);
    claimFolder(name);
    expect(existsSync(join(paths.folder, 'left-behind'))).toBe(false);
  } finally {
    rmSync(paths.folder, { recursive: true });
  }
});

test.each(['', 'Upper', '../up', 'a'.repeat(33), '-x'])('"%s" is refused as a name', (bad) => {
  expect(() => labPaths(bad)).toThrow('is no name for a lab');
});
