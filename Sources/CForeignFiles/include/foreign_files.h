/* zlib and libmatio, and what Linux has for files without a name, which Swift's module of glibc leaves out. */
#pragma once
#include <matio.h>
#include <zlib.h>

/* An empty file without a name, in memory, that can be sealed and is closed when another program starts; -1 where
   there is none. */
int ff_anonymous_file(void);

/* Keeps a file without a name from being changed by anybody: 0, or -1 where it is being written. */
int ff_seal(int file);

/* Has the system end this process when the thread that started it does. */
void ff_end_with_parent(void);

/* Has libmatio and HDF5 say nothing, and libmatio never end the process. */
void ff_silence_libraries(void);
