import Glibc

/// The locale in which C reads `1.5` as one and a half, whatever the process has set.
enum PointLocale {
  private nonisolated(unsafe) static let locale = newlocale(1 << LC_NUMERIC, "C", nil)

  /// Runs `body` with this locale on the calling thread.
  static func run<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let previous = uselocale(locale)
    defer { uselocale(previous) }
    return try body()
  }
}
