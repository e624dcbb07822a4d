// The least that a client of the control socket can do, to compare with: sends the line in argv[2] to the socket
// argv[1], prints what comes back without its stream marks, ends with the code it is told.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int count, char **words) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (count != 3 || strlen(words[1]) >= sizeof address.sun_path) return 2;
  strcpy(address.sun_path, words[1]);
  int connection = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address)) return 8;
  if (write(connection, words[2], strlen(words[2])) < 0) return 8;

  static char answer[65536];
  size_t length = 0;
  ssize_t got;
  while ((got = read(connection, answer + length, sizeof answer - 1 - length)) > 0) length += got;
  for (char *line = strtok(answer, "\n"); line; line = strtok(NULL, "\n")) {
    if (*line == '=') return atoi(line + 1);
    if (*line != '+') puts(line + 1);
  }
  return 8;
}
