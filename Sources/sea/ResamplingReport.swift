import Charts
import SparseRecovery

/// What `sea path` says of a path on random parts of the rows.
struct ResamplingReport {
  private let paths: ResampledPaths
  private let columns: TableColumns
  /// The sparsity chosen on all rows.
  private let chosen: Int
  /// The columns chosen there.
  private let support: [Int]

  /// How many columns a person is told of.
  private static var shown: Int { 20 }
  /// How many bars a picture has room for.
  private static var drawn: Int { 40 }

  init(_ paths: ResampledPaths, _ columns: TableColumns, chosen: Int, support: [Int]) {
    self.paths = paths
    self.columns = columns
    self.chosen = chosen
    self.support = support
  }

  /// Those of the sparsity chosen, of all columns in its support at least.
  private var frequencies: [SelectionFrequency] { paths.frequencies(at: chosen, of: support) }

  private var draws: String {
    let count = paths.draws.count
    let number = count == paths.wanted ? "\(count)" : "\(count) of \(paths.wanted)"
    return switch paths.scheme {
    case .bootstrap: "\(number) bootstrap draws of \(paths.rows) rows, seed \(paths.seed)"
    case .subsample: "\(number) pairs of halves of \(paths.rows) rows, seed \(paths.seed)"
    }
  }

  /// What a person should know: that draws are missing.
  var notice: String? {
    guard paths.stopReason != .converged else { return nil }
    let end = paths.stopReason == .time ? "the time limit" : "an interruption"
    return "\(end) left \(paths.draws.count) of \(paths.wanted) draws: "
      + "frequencies are of these alone"
  }

  /// The error held out at the sparsity chosen, for a person.
  private var heldOut: String? {
    paths.heldOutError(at: chosen).map { error in
      let spread = error.standardDeviation.map { " ± \($0.significant(3))" } ?? ""
      return "\(error.mean.significant(6))\(spread) at k = \(chosen)"
    }
  }

  /// The draws and the error held out, in a sentence.
  var summary: String {
    draws + (heldOut.map { "; error held out \($0), smallest at k = \(smallest)" } ?? "")
  }

  /// The error held out, and the columns chosen most often, for a person.
  func text() -> String {
    var lines = [("resampling", draws)]
    if let heldOut {
      lines += [("error held out", heldOut), ("", "smallest at k = \(smallest)")]
    }
    let frequencies = frequencies
    guard !frequencies.isEmpty else { return ResultText.lines(lines) }
    let labels = frequencies.prefix(Self.shown).map { columns.label($0.column) }
    let width = max(labels.map(\.count).max() ?? 0, "column".count)
    func padded(_ text: String) -> String {
      text + String(repeating: " ", count: width - text.count)
    }
    var table = "\n\(padded("column"))  chosen at k = \(chosen)  95 % interval\n"
    let gap = String(repeating: " ", count: "chosen at k = \(chosen)".count - 6)
    for (label, frequency) in zip(labels, frequencies) {
      let (low, high) = (frequency.interval.lowerBound, frequency.interval.upperBound)
      table +=
        "\(padded(label))  \(share(frequency.frequency))\(gap)  \(share(low)) … \(share(high))"
        + (support.contains(frequency.column) ? "  *" : "") + "\n"
    }
    if frequencies.count > Self.shown { table += "…\n" }
    return ResultText.lines(lines) + table
  }

  /// Four decimals.
  private func share(_ number: Double) -> String {
    let digits = String(Int((number * 10_000).rounded()) + 10_000)
    return "\(number >= 0.99995 ? "1" : "0").\(digits.suffix(4))"
  }

  /// The sparsity with the smallest mean error held out, the first of those that tie.
  private var smallest: Int { paths.sparsityOfLeastError ?? paths.sparsities[0] }

  /// The lines of a text table: every column that was chosen at a sparsity.
  var csv: [String] {
    ["sparsity,column,name,frequency,low,high\n"]
      + paths.sparsities.flatMap { k in
        paths.frequencies(at: k).map { frequency in
          let name = columns.names.map { TableColumns.quoted($0[frequency.column]) } ?? ""
          return "\(k),\(frequency.column),\(name),\(frequency.frequency),"
            + "\(frequency.interval.lowerBound),\(frequency.interval.upperBound)\n"
        }
      }
  }

  /// A bar for each of the columns chosen most often at the sparsity chosen.
  var chart: BarChart {
    let bars = frequencies.prefix(Self.drawn)
    return BarChart(
      title: "How often columns are chosen at k = \(chosen)",
      caption: "\(draws); intervals of 95 %, which tell of the number of draws",
      y: Axis("frequency", range: 0...1), categories: bars.map { columns.label($0.column) },
      series: [
        Series(
          "frequency",
          bars.enumerated().map { Point(Double($0), $1.frequency, interval: $1.interval) })
      ])
  }
}

extension ResamplingReport: Encodable {
  private enum Key: String, CodingKey {
    case scheme, draws, wanted, seed, stopReason, interval, confidence, chosen, sparsities
  }

  private struct Column: Encodable {
    let column: Int
    let name: String?
    let frequency: Double
    /// The ends of the interval.
    let interval: [Double]
  }

  private struct Sparsity: Encodable {
    struct HeldOutError: Encodable {
      let mean: Double
      let standardDeviation: Double?

      /// Nil for an error beyond the largest double.
      init?(_ error: (mean: Double, standardDeviation: Double?)) {
        guard error.mean.isFinite else { return nil }
        mean = error.mean
        standardDeviation = error.standardDeviation.flatMap { $0.isFinite ? $0 : nil }
      }
    }

    let sparsity: Int
    let heldOutError: HeldOutError?
    let columns: [Column]
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(paths.scheme.rawValue, forKey: .scheme)
    try object.encode(paths.draws.count, forKey: .draws)
    try object.encode(paths.wanted, forKey: .wanted)
    try object.encode(paths.seed, forKey: .seed)
    try object.encode(paths.stopReason, forKey: .stopReason)
    try object.encode("wilson", forKey: .interval)
    try object.encode(0.95, forKey: .confidence)
    try object.encode(sparsity(chosen, frequencies), forKey: .chosen)
    try object.encode(
      paths.sparsities.map { sparsity($0, paths.frequencies(at: $0)) }, forKey: .sparsities)
  }

  private func sparsity(_ k: Int, _ frequencies: [SelectionFrequency]) -> Sparsity {
    Sparsity(
      sparsity: k,
      heldOutError: paths.heldOutError(at: k).flatMap(Sparsity.HeldOutError.init),
      columns: frequencies.map {
        Column(
          column: $0.column, name: columns.names?[$0.column], frequency: $0.frequency,
          interval: [$0.interval.lowerBound, $0.interval.upperBound])
      })
  }
}
