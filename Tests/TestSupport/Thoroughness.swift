import Glibc

/// Whether tests run what takes long and rarely tells more: with `THOROUGH` set, as `make thorough` does.
package let isThorough = getenv("THOROUGH") != nil
