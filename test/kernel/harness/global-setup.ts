import type { TestProject } from 'vitest/node';
import { RequirementError } from '../../../scripts/setup/requirement-error.ts';
import { startLab } from '../../lab/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kernelLab: { name: string } | { missing: string };
  }
}

/** One lab for the whole kernel level: its nodes are booted once, and go with the test run however that ends. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const name = `kernel-${process.pid}`;
  const onProgress = (line: string) => process.stderr.write(`kernel level: ${line}\n`);
  try {
    const lab = await startLab({ name, onProgress });
    project.provide('kernelLab', { name });
    return () => lab.stop();
  } catch (error) {
    if (!(error instanceof RequirementError)) throw error;
    onProgress(`skipped: ${error.message}`);
    project.provide('kernelLab', { missing: error.message });
    return undefined;
  }
}
