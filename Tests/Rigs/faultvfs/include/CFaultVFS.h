// A way to the file system for SQLite that fails when it is told to, and that remembers what was synced.
// It is the standard one underneath: real files, real locks.
#ifndef CFAULTVFS_H
#define CFAULTVFS_H

/// Makes the way "fault" known to SQLite. May be called again.
void fault_vfs_register(void);

/// From here on every `nth` write, truncation or sync fails with the SQLite result `code`; 0: none does. A write that
/// fails has written half of its bytes.
void fault_vfs_fail_every(int nth, int code);

/// How many operations failed so far.
int fault_vfs_failures(void);

/// From here on each sync of a file copies it as it is then into `folder`: what a disk surely holds after a power
/// cut. NULL ends that.
void fault_vfs_keep_synced(const char *folder);

#endif
