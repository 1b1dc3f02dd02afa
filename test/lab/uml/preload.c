/*
 * Loaded into every User-Mode Linux process of the lab (LD_PRELOAD). Three jobs, all at the border between the guest
 * kernel and the host:
 *
 * 1. Hosts with a large floating-point state. UML hands PTRACE_SETREGSET a buffer sized for AVX-512. A host CPU with
 *    AMX keeps more state, refuses the shorter buffer, and the guest panics at init. The call is repeated here with a
 *    buffer of the host's own size. On other hosts the sizes agree and the call passes through.
 *
 * 2. Disks that fail. The mode bits of a disk image on the host say how the disk is: with the sticky bit set, reads
 *    fail unless the owner may read, and writes fail unless the owner may write. The guest sees I/O errors from its
 *    own block layer, also under a mounted file system, and the state outlives a power loss.
 *
 * 3. Flushes that cost nothing. A lab's power loss is the death of a process, which loses nothing that the host's page
 *    cache has, so waiting for the host's disk would only slow every lab on the machine down.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* Feature bits 0-7 and 9 (x87 to AVX-512, and protection keys): what the guest's buffer can hold. */
#define GUEST_FEATURES 0x2ffULL
#define XSTATE_BV_OFFSET 512
#define MAX_XSTATE 65536

typedef long (*ptrace_fn)(enum __ptrace_request, ...);
typedef ssize_t (*pread_fn)(int, void *, size_t, off64_t);
typedef ssize_t (*pwrite_fn)(int, const void *, size_t, off64_t);

static ptrace_fn real_ptrace;
static pread_fn real_pread;
static pwrite_fn real_pwrite;

__attribute__((constructor)) static void find_real_calls(void) {
  real_ptrace = (ptrace_fn)dlsym(RTLD_NEXT, "ptrace");
  real_pread = (pread_fn)dlsym(RTLD_NEXT, "pread64");
  real_pwrite = (pwrite_fn)dlsym(RTLD_NEXT, "pwrite64");
}

/* Only the one kernel thread that switches guest processes calls this, so static buffers are safe. */
static long set_extended_state(pid_t pid, void *kind, struct iovec *guest) {
  static unsigned char probe[MAX_XSTATE], full[MAX_XSTATE] __attribute__((aligned(64)));
  static size_t host_size;
  if (host_size == 0) {
    struct iovec all = {probe, sizeof probe};
    if (real_ptrace(PTRACE_GETREGSET, pid, kind, &all) < 0) return -1;
    host_size = all.iov_len;
  }
  if (guest->iov_len >= host_size) return real_ptrace(PTRACE_SETREGSET, pid, kind, guest);

  memset(full, 0, host_size);
  memcpy(full, guest->iov_base, guest->iov_len);
  unsigned long long features;
  memcpy(&features, full + XSTATE_BV_OFFSET, sizeof features);
  features &= GUEST_FEATURES;
  memcpy(full + XSTATE_BV_OFFSET, &features, sizeof features);
  struct iovec all = {full, host_size};
  return real_ptrace(PTRACE_SETREGSET, pid, kind, &all);
}

long ptrace(enum __ptrace_request request, ...) {
  va_list args;
  va_start(args, request);
  pid_t pid = va_arg(args, pid_t);
  void *address = va_arg(args, void *);
  void *data = va_arg(args, void *);
  va_end(args);
  if (request == PTRACE_SETREGSET && (size_t)address == NT_X86_XSTATE) return set_extended_state(pid, address, data);
  return real_ptrace(request, pid, address, data);
}

/* True when the image behind fd is marked as failing for whoever needs `permission` (S_IRUSR or S_IWUSR). */
static int disk_fails(int fd, mode_t permission) {
  struct stat file;
  if (fstat(fd, &file) < 0) return 0;
  return S_ISREG(file.st_mode) && (file.st_mode & S_ISVTX) && !(file.st_mode & permission);
}

ssize_t pread64(int fd, void *buffer, size_t length, off64_t offset) {
  if (disk_fails(fd, S_IRUSR)) return errno = EIO, -1;
  return real_pread(fd, buffer, length, offset);
}

ssize_t pwrite64(int fd, const void *buffer, size_t length, off64_t offset) {
  if (disk_fails(fd, S_IWUSR)) return errno = EIO, -1;
  return real_pwrite(fd, buffer, length, offset);
}

int fdatasync(int fd) {
  if (disk_fails(fd, S_IWUSR)) return errno = EIO, -1;
  return 0;
}

int fsync(int fd) { return fdatasync(fd); }
