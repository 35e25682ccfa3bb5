/* zlib and libmatio. */
#pragma once
#include <matio.h>
#include <zlib.h>

/* Has libmatio and HDF5 say nothing, and libmatio never end the process. */
void ff_silence_libraries(void);
