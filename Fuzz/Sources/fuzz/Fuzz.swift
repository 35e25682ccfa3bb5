import CFuzzer
import Glibc
import TestSupport

/// Feeds mutated bytes to one reader, guided by coverage: the one that FUZZ_READER names.
///
/// A variable and not an argument, since libFuzzer starts itself anew with arguments of its own.
@main enum Fuzz {
  static func main() {
    guard reader != nil else { fatalError("FUZZ_READER is not a reader's name") }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    _ = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
      Fuzz.check(UnsafeRawBufferPointer(start: data, count: size))
      return 0
    }
  }

  private static let reader = getenv("FUZZ_READER").flatMap { name in
    readers[String(cString: name)]
  }

  /// Gives `input` to the reader, and traps where a promise is broken.
  private static func check(_ input: UnsafeRawBufferPointer) {
    do {
      try reader?(input, mostMemory)
    } catch {
      fatalError("\(error)")
    }
  }

  private static func mostMemory(_ body: () throws -> Void) throws -> Int {
    start_counting_bytes()
    let result = Result { try body() }
    let most = most_bytes_held()
    try result.get()
    return most
  }
}
