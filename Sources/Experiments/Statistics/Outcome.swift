/// What one solver made of one problem.
struct Outcome {
  let cell: Int
  let trial: Int
  /// What was measured, or an `error`.
  let values: JSON
  /// Nil where times were left out.
  let seconds: Double?
}

extension ResultSet {
  /// Everything that the solver of this name did, ordered by cell, then trial.
  func outcomes(of solver: String) -> [Outcome] {
    problems.flatMap { problem in
      problem.solves.enumerated().filter { $0.element["solver"]?.string == solver }.map {
        i, values in
        Outcome(
          cell: problem.cell, trial: problem.trial, values: values,
          seconds: i < problem.seconds.count ? problem.seconds[i] : nil)
      }
    }
  }
}

extension Sequence<Outcome> {
  /// The numbers measured under this name; problems that failed have none.
  func sample(_ name: String) -> Sample { Sample(compactMap { $0.values[name]?.double }) }
}
