import Arguments
import SparseRecovery

/// Where results go: a file that exists is replaced only where that is asked for.
struct OutputFiles {
  static let option = Option("force", .flag, help: "Replace files that exist")

  /// The endings that the files of an option may have.
  private static let endings = [
    "fitted": MatrixFile.writtenEndings, "residuals": MatrixFile.writtenEndings,
    "trace": [".csv"], "points": [".csv"], "frequencies": [".csv"],
    "model-output": [".json"],
    "report": [".html"],
  ]

  /// Whether files that exist are replaced.
  let areReplaced: Bool

  /// - Parameter goesOn: whether the files are those of a run that goes on, and so its own to replace.
  init(_ arguments: ParsedArguments, goesOn: Bool = false) {
    areReplaced = goesOn || arguments.flag("force")
  }

  /// Before any work, so that a typing error does not cost the result of a long solve.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  func check(_ path: String) throws(FileError) {
    guard areReplaced || !FileStatus.isFile(path) else {
      throw .cannotWrite(path: path, reason: "it exists; --force replaces it")
    }
    try AtomicFile.checkWritable(path)
  }

  /// Writes a result to all its places, each whatever becomes of the others.
  ///
  /// - Throws: the first error.
  static func writeAll(_ places: [() throws -> Void]) throws {
    var failure: (any Error)?
    for write in places {
      do { try write() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// Checks the files that these options name, and their endings.
  ///
  /// - Parameter endings: those that `output` may have.
  func check(
    _ options: [String], of arguments: ParsedArguments,
    output endings: [String] = CoefficientFile.endings
  ) throws(FileError) {
    var places: [String: String] = [:]
    for option in options {
      guard let path = arguments.text(ifGiven: option) else { continue }
      if let place = FileStatus.place(of: path),
        let other = places.updateValue(option, forKey: place)
      {
        throw .cannotWrite(path: path, reason: "--\(other) and --\(option) both name it")
      }
      if let endings = option == "output" ? endings : Self.endings[option] {
        try AtomicFile.checkEnding(of: path, among: endings)
      }
      try check(path)
    }
  }
}
