import type { TestProject } from 'vitest/node';
import { RequirementError } from '../../../scripts/setup/requirement-error.ts';
import { type OwnedLab, startLab } from '../../lab/index.ts';
import { labCount } from './lab-count.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kernelLabs: { names: string[] } | { missing: string };
  }
}

/** One lab a worker, for the whole kernel level: its nodes are booted once, and go with the test run however that ends. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const labs: OwnedLab[] = [];
  const stop = async (): Promise<void> => {
    for (const lab of labs) await lab.stop();
  };
  const say = (line: string): void => void process.stderr.write(`kernel level: ${line}\n`);
  try {
    for (let number = 1; number <= labCount; number += 1) {
      const onProgress = (line: string): void => say(`lab ${number}: ${line}`);
      labs.push(await startLab({ name: `kernel-${process.pid}-${number}`, onProgress }));
    }
    project.provide('kernelLabs', { names: labs.map(({ name }) => name) });
    return stop;
  } catch (error) {
    await stop();
    if (!(error instanceof RequirementError)) throw error;
    say(`skipped: ${error.message}`);
    project.provide('kernelLabs', { missing: error.message });
    return undefined;
  }
}
