import { format } from 'node:util';
import * as vitest from 'vitest';

/** What a contract is written with: vitest's own functions, or others that gather its cases. */
export interface Suite {
  readonly describe: (name: string, define: () => void) => void;
  readonly test: Test;
  /** Before each case of the block that it stands in. */
  readonly beforeEach: (prepare: () => Promise<void>) => void;
}

interface Test {
  (name: string, run: () => Promise<void>): void;
  each<Row extends unknown[] | [unknown]>(
    rows: readonly Row[],
  ): (name: string, run: (...row: Row) => Promise<void>) => void;
}

export const vitestSuite: Suite = vitest;

/** One case of a contract with all that has to be done before it. */
export interface Case {
  readonly name: string;
  run(): Promise<void>;
}

/** The cases of a contract, in order; each is to be run alone. */
export function casesOf(contract: (suite: Suite) => void): Case[] {
  const cases: Case[] = [];
  let blocks: { name: string; prepare: (() => Promise<void>)[] }[] = [{ name: '', prepare: [] }];
  const add = (name: string, run: () => Promise<void>): void => {
    const within = blocks;
    cases.push({
      name: [...within.slice(1).map((block) => block.name), name].join(' '),
      async run() {
        for (const { prepare } of within) for (const step of prepare) await step();
        await run();
      },
    });
  };
  const each: Test['each'] = (rows) => (name, run) => {
    const shown = name.match(/%[a-z]/g)?.length ?? 0;
    for (const row of rows) add(format(name, ...row.slice(0, shown)), () => run(...row));
  };
  contract({
    describe(name, define) {
      const outside = blocks;
      blocks = [...outside, { name, prepare: [] }];
      define();
      blocks = outside;
    },
    test: Object.assign(add, { each }),
    beforeEach: (prepare) => void blocks.at(-1)!.prepare.push(prepare),
  });
  return cases;
}
