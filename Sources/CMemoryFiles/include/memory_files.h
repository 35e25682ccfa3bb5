/* What Linux has for files without a name, which Swift's module of glibc leaves out. */
#pragma once

/* An empty file without a name, in memory, that can be sealed and is closed when another program starts; -1 where
   there is none. */
int mf_anonymous_file(void);

/* Keeps a file without a name from being changed by anybody: 0, or -1 where it is being written. */
int mf_seal(int file);

/* Has the system end this process when the thread that started it does. */
void mf_end_with_parent(void);
