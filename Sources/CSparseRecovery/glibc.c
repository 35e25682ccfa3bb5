/* Swift's overlay of glibc names hypotf, which glibc 2.35 gave a new version, though nothing here calls it.
   With a definition of its own, and hidden as all but the interface is, the library needs glibc 2.34. */
float hypotf(float x, float y) { return (float)__builtin_sqrt((double)x * x + (double)y * y); }
