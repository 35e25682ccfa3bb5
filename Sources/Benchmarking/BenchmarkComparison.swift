import SparseRecovery

/// Two reports side by side: of two machines, or of one before and after a change.
public struct BenchmarkComparison {
  /// The rows of one operation in both reports.
  struct Pair {
    let first: BenchmarkRow
    let second: BenchmarkRow

    /// The median time of the second divided by that of the first.
    var ratio: Double { second.timing.seconds.median / first.timing.seconds.median }
  }

  /// What tells an operation of a report from the others: all but the machine.
  private struct Key: Hashable {
    let engine: String
    let kind: String
    let numbers: String
    let title: String
    let sizes: [Int?]

    init(_ row: BenchmarkRow) {
      engine = row.engine.name
      kind = row.device.kind
      numbers = row.numbers
      title = row.title
      sizes = [row.shape.rows, row.shape.columns, row.shape.sparsity]
    }
  }

  private let first: BenchmarkReport
  private let second: BenchmarkReport
  /// What both measured, in the order of the first. Of several devices of a kind, the first stands beside
  /// the first.
  let pairs: [Pair]

  /// Sets the second report beside the first.
  public init(_ first: BenchmarkReport, _ second: BenchmarkReport) {
    self.first = first
    self.second = second
    var left = Dictionary(grouping: second.rows, by: Key.init).mapValues { $0[...] }
    pairs = first.rows.compactMap { row in
      left[Key(row)]?.popFirst().map { Pair(first: row, second: $0) }
    }
  }

  /// The comparison for people: a row for each operation that both measured.
  ///
  /// - Parameter width: how long lines of text may be.
  public func table(width: Int = 80) -> String {
    var lines = [("first", first), ("second", second)].flatMap { name, report in
      wrapped(
        "\(name): "
          + report.machine.devices.map { "\($0.name) (\($0.kind))" }.removingRepeats()
          .joined(separator: ", "), width: width, indent: 2)
    }
    lines.append("")
    guard !pairs.isEmpty else {
      return (lines + ["No operation of one size was measured in both."]).joined(separator: "\n")
        + "\n"
    }
    var table = TextTable("operation", "engine", "first", "second", "second / first")
    table.rows = pairs.map { pair in
      [
        pair.first.title, "\(pair.first.engine.name) \(pair.first.numbers)",
        Figures.time(pair.first.timing.seconds.median),
        Figures.time(pair.second.timing.seconds.median), Figures.number(pair.ratio, digits: 3),
      ]
    }
    return (lines + table.lines).joined(separator: "\n") + "\n"
  }
}
