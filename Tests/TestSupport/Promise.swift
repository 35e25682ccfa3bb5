/// A promise about what a reader does with any bytes, which it has broken.
package struct BrokenPromise: Error, CustomStringConvertible {
  /// What was seen.
  package let description: String
}

/// - Throws: ``BrokenPromise`` unless `isKept`.
package func promise(_ isKept: Bool, orElse description: @autoclosure () -> String) throws {
  if !isKept { throw BrokenPromise(description: description()) }
}

/// Promises that a refusal is one line of bounded length that leaves a terminal alone.
package func promiseOneLine(_ error: some Error) throws { try promiseOneLine("\(error)") }

/// Promises the same of what is said about a file.
package func promiseOneLine(_ text: String) throws {
  try promise(
    !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
      && text.utf8.count < 4096,
    orElse: "a line of \(text.utf8.count) bytes: \(text.prefix(200))")
}

/// Runs `body` and returns the most bytes that it held at once beyond those held before.
package typealias MemoryMeter = (_ body: () throws -> Void) throws -> Int

/// The meter for where memory is not counted.
package func uncounted(_ body: () throws -> Void) throws -> Int {
  try body()
  return 0
}
