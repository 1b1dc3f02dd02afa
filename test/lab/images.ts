import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDir } from '../../scripts/setup/cache-dir.ts';

const registry = 'lab.hwameistor.io';
/** The image that keeps a pod's namespaces. */
export const pauseImage = `${registry}/pause:1`;
/** A shell and the usual tools, for what pods of tests do. */
export const busyboxImage = `${registry}/busybox:1`;

const busybox = '/bin/busybox';
const images = {
  [pauseImage]: { Entrypoint: ['/bin/sleep', 'infinity'] },
  [busyboxImage]: { Cmd: ['/bin/sh'] },
};

/** @returns path of an archive with all images, as containerd imports it; made once of Debian's busybox */
export async function ensureImages(): Promise<string> {
  const key = sha256(Buffer.concat([readFileSync(busybox), Buffer.from(JSON.stringify(images))])).slice(0, 16);
  const archive = join(cacheDir(), `images-${key}.tar`);
  if (existsSync(archive)) return archive;
  const folder = `${archive}.${process.pid}`;
  try {
    const rootfs = join(folder, 'rootfs');
    for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root'])
      mkdirSync(join(rootfs, name), { recursive: true });
    chmodSync(join(rootfs, 'tmp'), 0o1777);
    writeFileSync(join(rootfs, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n');
    cpSync(busybox, join(rootfs, 'bin', 'busybox'));
    const { stdout } = await execa(busybox, ['--list']);
    for (const applet of stdout.split('\n').filter((name) => name !== 'busybox' && name !== ''))
      symlinkSync('busybox', join(rootfs, 'bin', applet));
    await writeArchive(folder, rootfs);
    renameSync(join(folder, 'archive.tar'), archive);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return archive;
}

/** One layer, and a manifest for each image on it. @see Docker image specification v1.2, combined image JSON */
async function writeArchive(folder: string, rootfs: string): Promise<void> {
  const layer = join(folder, 'layer.tar');
  const plain = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
  await execa('tar', [...plain, '-C', rootfs, '-cf', layer, '.']);
  const diffId = `sha256:${sha256(readFileSync(layer))}`;
  const manifest = Object.entries(images).map(([name, config]) => {
    const text = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], ...config },
      rootfs: { type: 'layers', diff_ids: [diffId] },
    });
    const file = `${sha256(Buffer.from(text))}.json`;
    writeFileSync(join(folder, file), text);
    return { Config: file, RepoTags: [name], Layers: ['layer.tar'] };
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const files = ['manifest.json', 'layer.tar', ...manifest.map(({ Config }) => Config)];
  await execa('tar', [...plain, '-C', folder, '-cf', join(folder, 'archive.tar'), ...files]);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
