import FoundationEssentials
import SparseRecovery
import Testing

@testable import Benchmarking

@Suite struct SuiteReportTests {
  private let base = ProblemShape(100, 1000, 10)

  /// Time that grows as m², n and 1/k.
  @Test func lawsAreFoundAlongEveryAxis() throws {
    let shapes = ScalingAxis.allCases.flatMap { axis in
      [1.0, 2, 4].map { axis.scaled(base, by: $0) }
    }.removingRepeats()
    let rows = shapes.map { (shape: ProblemShape) -> SolveRow in
      let (m, n, k) = (Double(shape.rows), Double(shape.columns), Double(shape.sparsity))
      let seconds: Double = m * m * n / k * 1e-6
      return SolveRow.made(shape, .direct, seconds: seconds)
    }
    let laws = Scaling.all(in: rows, around: base)
    #expect(laws.map(\.axis) == [.rows, .columns, .sparsity])
    #expect(laws.map(\.sizes) == [[100, 200, 400], [1000, 2000, 4000], [10, 20, 40]])
    for (law, exponent) in zip(laws, [2.0, 1, -1]) {
      let rounding = 8 * 3 * 100 * Double.ulpOfOne
      #expect(abs(law.law.exponent - exponent) <= rounding)
    }
    #expect(Scaling.all(in: [rows[0]], around: base).isEmpty)
  }

  @Test func theChoiceIsHeldAgainstTheFastest() throws {
    let other = ProblemShape(10, 20, 1)
    let choices = GradientComparison.all(in: [
      SolveRow.made(base, .direct, seconds: 3),
      SolveRow.made(base, .blocked, seconds: 4.5, isAutomatic: true),
      SolveRow.made(other, .direct, seconds: 2, isAutomatic: true),
      SolveRow.made(other, .blocked, seconds: 8),
      // Its partner is missing: the time was spent.
      SolveRow.made(base, .direct, seconds: 1),
    ])
    #expect(choices.map(\.shape) == [base, other])
    #expect(choices.map(\.automatic) == [.blocked, .direct])
    #expect(choices.map(\.fastest) == [.direct, .direct])
    #expect(choices.map(\.ratio) == [1.5, 1])
  }

  private func report() throws -> SuiteReport {
    var report = SuiteReport(
      machine: BenchmarkReport.Machine(of: [.cpu()]), load: 0.5, isQuick: true, seconds: 45)
    report.operations = [try Benchmark(.tiny).run(on: [.cpu()]).normalized]
    let memory = SolveRow.Memory(peak: 3 << 20, growth: 1 << 20)
    report.endToEnd.rows = [SolveRow.made(base, .direct, seconds: 1, memory: memory)]
    report.endToEnd.notes = ["something: skipped"]
    report.scaling.rows = [1.0, 10].map {
      SolveRow.made(ScalingAxis.rows.scaled(base, by: $0), .direct, seconds: $0)
    }
    report.laws = Scaling.all(in: report.scaling.rows, around: base)
    report.gradients.rows = [
      SolveRow.made(base, .direct, seconds: 3),
      SolveRow.made(base, .blocked, seconds: 4.5, isAutomatic: true),
    ]
    report.choices = GradientComparison.all(in: report.gradients.rows)
    return report
  }

  @Test func aReportSurvivesJSON() throws {
    let report = try report()
    let data = try JSONEncoder().encode(report)
    #expect(try JSONDecoder().decode(SuiteReport.self, from: data) == report)
  }

  @Test func tablesShowEverySection() throws {
    let text = try report().tables()
    let parts = text.split(separator: "\n\n", omittingEmptySubsequences: true).map(String.init)
    for table in tables { #expect(parts.contains { $0.hasSuffix(table) }, "\(table)") }
    #expect(text.contains("\nsomething: skipped\n"))
  }

  @Test func nothingMeasuredIsNothingShown() {
    let report = SuiteReport(
      machine: BenchmarkReport.Machine(of: []), load: nil, isQuick: true, seconds: 45)
    #expect(report.tables() == "")
    #expect(report.charts.isEmpty)
  }
}

private let tables = [
  """
  problem                 engine  gradient  iter.  runs   median  minimum      each  passes  supports  residual  same      peak    growth
  100 × 1000, k = 10  cpu double    direct    100     1  1.000 s  1.000 s  10.00 ms       7        50    0.1000     –  3.00 MiB  1.00 MiB
  """,
  """
  engine      gradient               grows   time each, at least  exponent    R²
  cpu double    direct  m from 100 to 1000  10.00 ms to 100.0 ms      1.00  1.00
  """,
  """
  problem                 engine  iter.   direct  blocked     auto  fastest  ratio
  100 × 1000, k = 10  cpu double    100  3.000 s  4.500 s  blocked   direct   1.50
  """,
]
