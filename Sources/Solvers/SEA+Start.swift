import SparseCore

extension SEA {
  /// The exploratory vector 𝒳⁰.
  public enum Start: Sendable {
    /// 𝒳⁰ = 0: all entries tie, so that the first support is {0, …, k−1}.
    case zero
    /// 𝒳⁰ = Aᵀy.
    case correlation
    /// 𝒳⁰ = the solution of another solver, which SEA then never makes worse: with k nonzeros its
    /// support is the first one evaluated.
    case solver(any Solver)
    /// 𝒳⁰ = a given x, one coefficient for each column of A as given.
    case vector([Double])
  }

  /// 𝒳⁰ on the engine, in the units of the atoms and of the scaled observation.
  func startVector<E: Engine>(
    _ problem: RecoveryProblem, _ search: inout Search, _ engine: E, _ observer: Observer
  ) throws(RecoveryError) -> E.Vector {
    let exploratory = try engine.makeVector(problem.columns)
    switch start {
    case .zero: break
    case .correlation:
      let observation = try engine.makeVector(problem.rows)
      try engine.write(problem.scaledObservation, to: observation)
      try engine.correlate(observation, into: exploratory)
      search.matrixPasses += 1
    case .solver(let solver):
      let solution = try solver.solve(
        problem, sparsity: search.sparsity, with: engine, observer: observer)
      search.matrixPasses += solution.matrixPasses
      try engine.write(
        atomCoefficients(solution.dense(columns: problem.columns), problem), to: exploratory)
    case .vector(let x):
      guard x.count == problem.columns else {
        throw .startLength(expected: problem.columns, found: x.count)
      }
      if let index = x.firstIndex(where: { !$0.isFinite }) {
        throw .nonFiniteStart(index: index, value: x[index])
      }
      try engine.write(atomCoefficients(x, problem), to: exploratory)
    }
    return exploratory
  }

  /// The step size η: as given, or 1.8 / ‖AD‖₂², or 1 where it has no effect.
  func step<E: Engine>(_ search: inout Search, _ engine: E) throws(RecoveryError) -> Double {
    if let stepSize {
      guard stepSize > 0, stepSize.isFinite else {
        throw .invalidOption(
          name: "step size", value: "\(stepSize)", expected: "a finite number above 0")
      }
      return stepSize
    }
    if case .zero = start { return 1 }
    let (square, passes) = try engine.squaredSpectralNorm()
    search.matrixPasses += passes
    return 1.8 / square
  }

  /// c_j = x_j / (scale_j · observationScale); zero where a column may not be selected.
  private func atomCoefficients(_ x: [Double], _ problem: RecoveryProblem) -> [Double] {
    x.indices.map { j in
      problem.atoms.isUsable(j)
        ? x[j] / problem.observationScale / problem.atoms.scale[j] : 0
    }
  }
}
