import SparseRecovery

/// What information criteria say of one solution, to compare it with those of other sizes.
struct SolutionCriteria {
  /// Cp fits all columns, which is done without being asked for up to so many flops: some hundredths of a second.
  private static let mostFlops = 2e8

  /// What could be computed, in the order shown.
  let values: [(name: String, value: Double)]
  /// Why the others could not.
  let absent: [String: String]

  init(_ solution: SparseSolution, of problem: RecoveryProblem) {
    var values: [(name: String, value: Double)] = []
    var absent: [String: String] = [:]
    func add(_ name: String, _ value: () throws(RecoveryError) -> Double) {
      guard problem.hasSquaredLoss || problem.loss.isHalfDeviance else {
        absent[name] = "the \(problem.loss.name) loss is no likelihood"
        return
      }
      do throws(RecoveryError) {
        let value = try value()
        guard value.isFinite else {
          absent[name] = "it is beyond the range of a double"
          return
        }
        values.append((name, value))
      } catch .unsupportedModel(let criterion, let option) {
        absent[name] = "\(criterion) is not defined with \(option)"
      } catch {
        absent[name] = "\(error)"
      }
    }
    let measures: [(String, InformationCriterion)] = [
      ("aic", .aic), ("bic", .bic), ("ebic", .ebic()), ("gic", .gic),
    ]
    for (name, measure) in measures {
      add(name) { () throws(RecoveryError) in try measure.value(of: solution, for: problem) }
    }
    let (m, n) = (Double(problem.rows), Double(problem.columns))
    if !problem.hasSquaredLoss {
      absent["cp"] = "Cp is of least squares"
    } else if m > n, m * n * n > Self.mostFlops {
      absent["cp"] = "a fit of all \(problem.givenColumns) columns costs more than the solve may"
    } else {
      add("cp") { () throws(RecoveryError) in
        try MallowsCp(problem, on: CPUBackend()).value(of: solution)
      }
    }
    self.values = values
    self.absent = absent
  }

  /// For a person.
  var sentence: String {
    let names = ["cp": "Cp"]
    guard !values.isEmpty else { return "none: \(absent["aic"] ?? "")" }
    return ResultText.list(
      values.map { "\(names[$0.name] ?? $0.name.uppercased()) \($0.value.significant(6))" })
  }
}
