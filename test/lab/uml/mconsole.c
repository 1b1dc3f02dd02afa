/*
 * mconsole SOCKET TIMEOUT_MS COMMAND: sends one command to a User-Mode Linux management console and prints the answer.
 * Exit code 0: done. 1: the guest refused, and says why on standard output. 2: no answer in time, or no such console.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAGIC 0xcafebabe
#define VERSION 2
#define MAX_DATA 512

struct request {
  uint32_t magic;
  int32_t version;
  int32_t length;
  char data[MAX_DATA];
};

struct reply {
  int32_t error;
  int32_t more;
  int32_t length;
  char data[MAX_DATA];
};

static int fail(const char *what) {
  fprintf(stderr, "mconsole: %s: %s\n", what, strerror(errno));
  return 2;
}

int main(int argc, char **argv) {
  if (argc != 4 || strlen(argv[3]) >= MAX_DATA) {
    fprintf(stderr, "usage: mconsole SOCKET TIMEOUT_MS COMMAND (below %d bytes)\n", MAX_DATA);
    return 2;
  }
  int console = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (console < 0) return fail("socket");
  /* Binding the family alone takes a free abstract address, which leaves no file behind. */
  struct sockaddr_un self = {.sun_family = AF_UNIX};
  if (bind(console, (struct sockaddr *)&self, sizeof(sa_family_t)) < 0) return fail("bind");

  struct sockaddr_un guest = {.sun_family = AF_UNIX};
  if (strlen(argv[1]) >= sizeof guest.sun_path) return errno = ENAMETOOLONG, fail(argv[1]);
  strcpy(guest.sun_path, argv[1]);
  struct request request = {MAGIC, VERSION, (int32_t)strlen(argv[3]), {0}};
  memcpy(request.data, argv[3], strlen(argv[3]));
  if (sendto(console, &request, sizeof request, 0, (struct sockaddr *)&guest, sizeof guest) < 0) return fail(argv[1]);

  for (;;) {
    struct pollfd ready = {.fd = console, .events = POLLIN};
    int polled = poll(&ready, 1, atoi(argv[2]));
    if (polled == 0) errno = ETIMEDOUT;
    if (polled <= 0) return fail("waiting for the answer");
    struct reply reply;
    ssize_t got = recv(console, &reply, sizeof reply, 0);
    if (got < (ssize_t)(sizeof reply - MAX_DATA)) return errno = EPROTO, fail("reading the answer");
    if (reply.length > 0 && reply.length <= MAX_DATA) fwrite(reply.data, 1, strnlen(reply.data, (size_t)reply.length), stdout);
    if (!reply.more) {
      printf("\n");
      return reply.error == 0 ? 0 : 1;
    }
  }
}
