import Charts
import Experiments
import SparseRecovery
import TestSupport

/// An input for the reader of results: the bytes of a file.
enum ResultsInput {
  /// - Parameter isDrawn: whether charts are drawn of what is accepted.
  /// - Throws: ``BrokenPromise``.
  static func check(
    _ input: UnsafeRawBufferPointer, _ meter: MemoryMeter, isDrawn: Bool
  ) throws {
    let bytes = Array(input)
    var results: ResultSet?
    let held = try meter {
      do throws(ExperimentError) {
        results = try ResultSet(path: "input", bytes: bytes)
      } catch {
        try promiseOneLine(error)
      }
    }
    let allowed = 32 * bytes.count + 4 << 10
    try promise(held <= allowed, orElse: "\(held) bytes were held, \(allowed) are allowed")
    guard let results else { return }
    try checkThatTheyComeBack(results)
    do {
      try check(results, try results.experiment(), isDrawn: isDrawn)
    } catch let error as ExperimentError {
      try promiseOneLine(error)
    }
  }

  private static func checkThatTheyComeBack(_ results: ResultSet) throws {
    let lines = [results.header.text] + results.problems.map { $0.line() }
    let again = try ResultSet(
      path: "again", bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
    try promise(again == results, orElse: "results that differ once written")
  }

  /// What merging and drawing do with results.
  private static func check(
    _ results: ResultSet, _ experiment: any Experiment, isDrawn: Bool
  ) throws {
    let header = experiment.header(backend: "cpu", precision: .double)
    try promise(
      experiment.problemCount >= 0 && header.difference(from: header) == nil,
      orElse: "a header that differs from itself")
    _ = results.header.difference(from: header)
    // Drawing a deconvolution solves a problem of the size that the header names.
    guard isDrawn, !(experiment is Deconvolution) else { return }
    let folder = TemporaryFolder()
    var album = Album(
      folder: folder.path, report: Report(title: "", settings: experiment.described, command: ""),
      gnuplot: nil, formats: [])
    try experiment.addPictures(of: results, to: &album)
  }
}
