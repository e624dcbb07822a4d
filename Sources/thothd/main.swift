import Glibc
import Linux
import TaskThreads

// The daemon's beginning and end; everything between is in Daemon.swift.
umask(0o077)
// No folder is held that somebody may want to unmount.
chdir("/")
signal(SIGPIPE, SIG_IGN)
TaskThreads.install()
raiseDescriptorLimit()
exit(Daemon.run(arguments: Array(CommandLine.arguments.dropFirst())))
