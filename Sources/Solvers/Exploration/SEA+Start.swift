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
    _ loaded: LoadedProblem<E>, sparsity: Int, _ observer: Observer
  ) throws(RecoveryError) -> E.Vector {
    let (problem, engine) = (loaded.problem, loaded.engine)
    let exploratory = try engine.makeVector(problem.columns)
    switch start {
    case .zero: break
    case .correlation:
      try engine.add(1, times: loaded.observationCorrelations(), to: exploratory)
    case .solver(let solver):
      let solution = try solver.solve(loaded, sparsity: sparsity, observer: observer)
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

  /// The step size η: as given, or relative to ‖AD‖₂², or 1 where it has no effect.
  func step<E: Engine>(_ loaded: LoadedProblem<E>) throws(RecoveryError) -> Double {
    if let stepSize { return try valid(stepSize: stepSize) }
    let factor = try valid(stepSize: relativeStepSize)
    if case .zero = start { return 1 }
    return factor / (try loaded.squaredSpectralNorm())
  }

  /// c_j = x_j / (scale_j · observationScale); zero where a column may not be selected.
  private func atomCoefficients(_ x: [Double], _ problem: RecoveryProblem) -> [Double] {
    x.indices.map { j in
      problem.atoms.isUsable(j)
        ? x[j] / problem.observationScale / problem.atoms.scale[j] : 0
    }
  }
}
