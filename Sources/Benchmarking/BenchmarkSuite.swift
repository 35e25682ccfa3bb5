public import SparseRecovery

/// Measures operations and whole solves over many sizes, within a time.
public struct BenchmarkSuite: Sendable {
  /// A part of the suite.
  public enum Section: String, Sendable, Codable, CaseIterable {
    /// Every operation of every engine: see ``Benchmark``.
    case operations
    /// Whole solves from small problems to large ones.
    case endToEnd = "end-to-end"
    /// Time per iteration as each of m, n and k grows tenfold.
    case scaling
    /// The choice of ``SEA/Gradient/auto``.
    case gradients

    /// How much of the time this part may take, in proportion to the others.
    var weight: Double {
      switch self {
      case .operations: 3
      case .endToEnd: 4
      case .scaling: 3
      case .gradients: 2
      }
    }
  }

  /// The parts to measure, in the order of all of them.
  public let sections: [Section]
  /// Whether problems are few and small: to see that everything works, not for figures.
  public let isQuick: Bool
  /// After so many seconds no row is begun; what is missing then is noted.
  public let seconds: Double

  /// Chooses what to measure.
  ///
  /// - Parameter seconds: nil for 45 in a quick run and for 540 otherwise.
  public init(sections: Set<Section>? = nil, isQuick: Bool = false, seconds: Double? = nil) {
    self.sections = Section.allCases.filter { sections?.contains($0) ?? true }
    self.isQuick = isQuick
    self.seconds = seconds ?? (isQuick ? 45 : 540)
  }

  /// Measures section after section; time that one leaves goes to those after it.
  ///
  /// - Parameter progress: called with what is measured next, before it is.
  /// - Throws: ``RecoveryError`` of a request without sense. Failing devices and missing memory are
  ///   noted in the report.
  public func run(
    on places: [BenchmarkPlace], progress: (String) -> Void = { _ in }
  ) throws(RecoveryError) -> SuiteReport {
    var report = SuiteReport(
      machine: BenchmarkReport.Machine(of: places), load: Host.load, isQuick: isQuick,
      seconds: seconds)
    let whole = TimeBudget(seconds: seconds)
    for (index, section) in sections.enumerated() {
      let budget = whole.share(section.weight, of: sections[index...].map(\.weight))
      func solves(_ study: SolveStudy) throws(RecoveryError) -> SolveRecord {
        try study.run(on: places, within: budget) { progress("\(section.rawValue): \($0)") }
      }
      switch section {
      case .operations:
        try measureOperations(on: places, within: budget, into: &report, progress: progress)
      case .endToEnd:
        report.endToEnd = try solves(.endToEnd(isQuick: isQuick))
      case .scaling:
        let record = try solves(.scaling(isQuick: isQuick))
        report.scaling = record
        report.laws = Scaling.all(
          in: record.rows, around: SolveStudy.scalingBase(isQuick: isQuick))
      case .gradients:
        let record = try solves(.gradients(isQuick: isQuick))
        report.gradients = record
        report.choices = GradientComparison.all(in: record.rows)
      }
    }
    return report
  }

  /// Four problems, the largest first, as it is the one that does not fit in caches.
  private func measureOperations(
    on places: [BenchmarkPlace], within budget: TimeBudget, into report: inout SuiteReport,
    progress: (String) -> Void
  ) throws(RecoveryError) {
    let shapes =
      isQuick
      ? [ProblemShape(500, 5000, 25)]
      : [
        ProblemShape(2000, 20000, 100), ProblemShape(1000, 10000, 50), ProblemShape(500, 5000, 25),
        ProblemShape(250, 1000, 12),
      ]
    for shape in shapes {
      guard !budget.isSpent else {
        report.notes.append("operations, \(shape): skipped, the time is spent")
        continue
      }
      var options = BenchmarkOptions()
      (options.rows, options.columns) = (shape.rows, shape.columns)
      options.sparsity = shape.sparsity
      if isQuick {
        (options.repetitions, options.solveRepetitions, options.measuringTime) = (3, 1, 0.02)
        options.streamBytes = 64 << 20
      }
      report.operations.append(
        try Benchmark(options).run(on: places) { progress("operations: \(shape): \($0)") })
    }
  }
}

/// The time that measurements may take, shared out in order.
struct TimeBudget {
  private let end: ContinuousClock.Instant

  /// Ends so many seconds from now.
  init(seconds: Double) { end = .now + .seconds(seconds) }

  /// Whether nothing more should be started. What has been started is not cut short.
  var isSpent: Bool { .now >= end }

  /// The seconds left.
  var secondsLeft: Double { max(0, (end - .now) / .seconds(1)) }

  /// The part of what is left that one of several gets: what it leaves goes to the later ones.
  func share(_ weight: Double, of weights: [Double]) -> TimeBudget {
    TimeBudget(seconds: secondsLeft * weight / weights.reduce(0, +))
  }
}
