// `npm run generate` writes the checked-in files that are made from code; with --check it only compares.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { apiDocs } from './generate/api-docs.ts';
import { crds } from './generate/crds.ts';
import { errorDocs } from './generate/error-docs.ts';
import { protocolBuffers } from './generate/protocol-buffers.ts';
import { stateDiagrams } from './generate/state-diagrams.ts';

type GeneratedFile = { path: string; content: string };

/** Each generator returns whole files, paths relative to the repository's root. */
const generators: (() => Promise<GeneratedFile[]> | GeneratedFile[])[] = [
  apiDocs,
  crds,
  errorDocs,
  protocolBuffers,
  stateDiagrams,
];

const checkOnly = process.argv.includes('--check');
const stale: string[] = [];
for (const generate of generators) {
  for (const { path, content } of await generate()) {
    if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
    stale.push(path);
    if (checkOnly) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
for (const path of stale) console.log(`${checkOnly ? 'out of date' : 'wrote'}: ${path}`);
if (checkOnly && stale.length > 0) {
  console.log('Run "npm run generate" and commit the result.');
  process.exit(1);
}
