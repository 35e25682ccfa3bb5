import SparseRecovery
import TestSupport
import Testing

/// Where two features meet: rows of values of many factors that hold every pair which may meet at all.
@Suite struct RowTests {
  static let rules = Rule.impossible + Rule.refused

  /// The rows: every pair twice, or three times, so that one fault does not hide another.
  static let rows: [Row] = {
    if let wanted = Row.wanted { return [wanted] }
    var covering = Covering(rules, seed: Row.seed)
    return covering.rows(times: isThorough ? 3 : 2) + chosen.compactMap { Row($0) }
  }()

  /// Where three features meet that have met wrongly, some of them so that the process ended.
  static let chosen = [
    "method: els; include: two",
    "method: els; include: two; sparsity: four; matrix: wide",
    "method: els; start: omp; include: two; sparsity: four; matrix: coherent",
    "method: sea; start: omp; include: two",
    "method: sea; start: omp; include: two; sparsity: four; matrix: coherent",
    "method: ompr; start: omp; include: two; sparsity: four; matrix: wide",
    "method: splicing; start: omp; include: two; sparsity: four; matrix: wide",
    "method: sea; place: opencl half; weights: steep; matrix: coherent; sparsity: four",
    "method: sea; place: opencl half; centre: intercept; include: two; matrix: coherent",
    "method: sea; start: omp; ridge: large; matrix: one row",
    "method: omp; centre: standardize; ridge: large; include: two",
    "method: omp; weights: zero with 1e20; centre: standardize; ridge: large",
    "method: path; signs: nonnegative; matrix: coherent; sparsity: four",
    "method: path; centre: intercept; matrix: coherent; sparsity: two",
    "method: sea; signs: nonnegative; matrix: wide; sparsity: columns",
    "method: gomp; signs: nonnegative; matrix: duplicated; sparsity: columns",
    "method: sp; weights: steep; signs: nonnegative; matrix: duplicated; sparsity: columns",
    "method: els; include: two; matrix: wide; sparsity: columns",
    "method: exhaustive; place: opencl half; include: two; matrix: one row",
    "method: aiht; include: two; matrix: coherent; sparsity: four",
    "method: gomp; weights: zero with 1e20; ridge: small; signs: nonnegative; matrix: one row; "
      + "sparsity: one",
    "method: cosamp; weights: zero with 1e300; centre: intercept; exclude: some; lengths: given; "
      + "matrix: coherent; sparsity: four; loss: logistic",
    "method: cosamp; centre: intercept; include: two; lengths: given; observations: several; "
      + "sparsity: four; loss: logistic",
    "method: sea; include: two; exclude: some; matrix: one row; sparsity: columns; loss: huber",
    "method: foba; ridge: small; exclude: some; matrix: one row; sparsity: one; "
      + "entries: few rows for all; course: resumed",
    "method: joint bnb; weights: zero with 1e300; exclude: some; signs: nonnegative; observations: joint; "
      + "matrix: wide; sparsity: four; entries: columns; rows: reduced",
    "method: vamp; place: reference; weights: zero with 1e300; centre: standardize; ridge: small; "
      + "signs: nonnegative; matrix: wide; sparsity: four; entries: columns",
  ]

  /// Every refusal of the table with the plainest row around it: no other refusal has a part in it.
  static let refusals: [Refusal] = Rule.refused.enumerated().flatMap { number, rule in
    var others = Rule.impossible + Rule.refused
    others.remove(at: Rule.impossible.count + number)
    let covering = Covering(others, seed: 0)
    let values = rule.terms.reduce([[Covering.Value]()]) { lists, term in
      lists.flatMap { list in
        term.values.sorted().map { list + [Covering.Value(factor: term.place, number: $0)] }
      }
    }
    return values.compactMap { values in
      covering.plainest(with: values).map { Refusal(row: Row($0), errors: rule.errors) }
    }
  }

  /// A row and the errors by which it may be refused.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let row: Row
    let errors: [String]

    var testDescription: String { row.description }
  }

  @Test(arguments: rows) func isRight(row: Row) {
    let trial = Trial(row)
    var findings = Findings()
    if let found = findings.attempt("refused", { try trial.run() }) {
      for item in found { findings.judge(item, trial) }
      // What is wrong by itself needs no comparison.
      if findings.texts.isEmpty {
        findings.judgeTogether(found, trial)
        findings.compareWithStarts(found, trial)
        findings.comparePath(found, trial)
        findings.compareWithPlain(found, trial)
        findings.compareWithoutFill(found, trial)
        findings.compareWithRepeatedRows(found, trial)
        findings.judgeAlternatives(found, trial)
        findings.compareWithOptimum(found, trial)
      }
      for item in found { findings.judgeWarnings(item, trial) }
    }
    let texts = findings.texts
    #expect(texts.isEmpty, "[\(row)] \(texts.prefix(3).joined(separator: " | "))")
  }

  @Test(arguments: refusals) func isRefused(refusal: Refusal) {
    do {
      _ = try Trial(refusal.row).run()
      Issue.record("[\(refusal.row)] is accepted, and should be refused by \(refusal.errors)")
    } catch {
      let name = (error as? RecoveryError).flatMap { Mirror(reflecting: $0).children.first?.label }
      #expect(refusal.errors.contains(name ?? ""), "[\(refusal.row)] \(error)")
    }
  }

  /// Every entry of the table is tried.
  @Test func everyRefusalIsTried() {
    for rule in Rule.refused {
      #expect(Self.refusals.contains { rule.matches($0.row.numbers) })
    }
  }

  /// Every pair that any row can hold is held, and no row is one that the table names.
  @Test(.enabled(if: Row.wanted == nil)) func everyPairIsCovered() {
    let held = Set(Self.rows.flatMap { Covering.pairs(in: $0.numbers) })
    let covering = Covering(Self.rules, seed: 0)
    for pair in Covering.pairs where !held.contains(pair) {
      let row = covering.plainest(with: [pair.first, pair.second])
      #expect(row == nil, "[\(row.map { Row($0).description } ?? "")] has a pair that no row holds")
    }
    #expect(Self.rows.allSatisfy { row in !Self.rules.contains { $0.matches(row.numbers) } })
    #expect(Self.rows.count >= 400)
  }

  /// A row is made again from its description.
  @Test func rowsAreReadBack() {
    for row in Self.rows { #expect(Row(row.description) == row) }
    let hasOpenCL = Place.allCases.contains(.opencl)
    for text in Self.chosen where hasOpenCL || !text.contains("opencl") {
      #expect(Row(text) != nil, "\(text)")
    }
    #expect(Row("method: nobody") == nil)
  }
}
