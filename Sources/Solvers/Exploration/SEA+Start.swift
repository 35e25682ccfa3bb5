public import SparseCore

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
    /// 𝒳⁰ = coefficients of unit columns, as ``SparseSolution/atomCoefficients`` of a solution of the
    /// same problem has them: no unit of A or y can take them out of range.
    case atoms(SparseVector)
  }

  /// 𝒳⁰ on the engine, in the units of the atoms and of the scaled observation.
  func startVector(
    _ workspace: Workspace, sparsity: Int, _ observer: SolveObserver
  ) throws(RecoveryError) -> EngineVector {
    let (problem, engine) = (workspace.problem, workspace.engine)
    let exploratory = try engine.makeVector(.correlation)
    switch start {
    case .zero: break
    case .correlation:
      try engine.add(1, times: workspace.observationCorrelations(), to: exploratory)
    case .solver(let solver):
      let solution = try solver.solve(workspace, sparsity: sparsity, observer: observer)
      try write(solution.atomCoefficients, to: exploratory, workspace)
    case .atoms(let x): try write(x, to: exploratory, workspace)
    case .vector(let x):
      guard x.count == problem.columns else {
        throw .startLength(expected: problem.columns, found: x.count)
      }
      if let index = x.firstIndex(where: { !$0.isFinite }) {
        throw .nonFiniteStart(index: index, value: x[index])
      }
      try write(atomCoefficients(x, problem), to: exploratory, workspace)
    }
    return exploratory
  }

  /// - Throws: ``RecoveryError/startOverflow(index:)`` for numbers beyond the range of the engine, or
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` for atoms that may not be selected.
  private func write(
    _ x: SparseVector, to exploratory: EngineVector, _ workspace: Workspace
  ) throws(RecoveryError) {
    let problem = workspace.problem
    let most =
      workspace.engine.precision == .single
      ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
    var dense = [Double](repeating: 0, count: problem.columns)
    for (j, c) in zip(x.support, x.coefficients) {
      guard dense.indices.contains(j), problem.atoms.isUsable(j) else {
        throw .invalidOption(
          name: "start", value: "column \(j)", expected: "columns that may be selected")
      }
      guard abs(c) <= most else { throw .startOverflow(index: j) }
      dense[j] = c
    }
    try workspace.engine.write(dense, to: exploratory)
  }

  /// The step size η: as given, or relative to ‖AD‖₂², or 1 where it has no effect.
  func step(_ workspace: Workspace) throws(RecoveryError) -> Double {
    if let stepSize { return try valid(stepSize: stepSize) }
    let factor = try valid(stepSize: relativeStepSize)
    if case .zero = start { return 1 }
    return factor / (try workspace.squaredSpectralNorm())
  }

  /// c_j = x_j / (scale_j · observationScale), without columns that may not be selected.
  private func atomCoefficients(_ x: [Double], _ problem: RecoveryProblem) -> SparseVector {
    let support = x.indices.filter { x[$0] != 0 && problem.atoms.isUsable($0) }
    return SparseVector(
      support: support,
      coefficients: support.map { x[$0] / problem.observationScale / problem.atoms.scale[$0] })
  }

  /// The start as a checkpoint names it.
  var startFact: String {
    switch start {
    case .zero: "zero"
    case .correlation: "correlation"
    case .solver(let solver): type(of: solver).name
    case .vector(let x): ProblemFact("start", hashOf: x).value
    case .atoms(let x):
      ProblemFact("start", hashOf: x.support.map(Double.init) + x.coefficients).value
    }
  }
}
