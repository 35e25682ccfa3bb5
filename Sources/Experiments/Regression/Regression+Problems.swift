package import SparseRecovery

extension Regression {
  /// The samples that solutions are judged on.
  package struct HeldOut: Sendable {
    let features: DenseMatrix
    let target: [Double]
    /// What is predicted without any feature: the mean of the other samples, or 0 without intercept.
    let constant: Double
    /// How many samples were learnt from.
    let learnt: Int
  }

  package func pose(cell: Int, trial: Int) throws(RecoveryError) -> PosedProblem<HeldOut> {
    let heldOut = heldOut(trial: trial)
    let isHeldOut = Set(heldOut)
    let learnt = try loadedData.samples((0..<description.rows).filter { !isHeldOut.contains($0) })
    let judged = try loadedData.samples(heldOut)
    var model = RecoveryModel()
    model.hasIntercept = hasIntercept
    let count = learnt.target.count
    let mean = learnt.target.reduce(0) { $0 + $1 / Double(count) }
    return PosedProblem(
      problem: try RecoveryProblem(
        matrix: learnt.features, observation: learnt.target, model: model),
      sparsity: sparsities[cell],
      truth: HeldOut(
        features: judged.features, target: judged.target, constant: hasIntercept ? mean : 0,
        learnt: count))
  }

  package func measurements(of solution: SparseSolution, for truth: HeldOut) -> [JSON.Member] {
    let errors = truth.target.indices.map { i in
      zip(solution.support, solution.coefficients).reduce(
        (solution.intercept ?? 0) - truth.target[i]
      ) { $0 + truth.features[i, $1.0] * $1.1 }
    }
    let spread = truth.target.map { $0 - truth.constant }.squaredNorm
    let trainLoss = solution.residualNorm * solution.residualNorm / Double(truth.learnt)
    return [
      JSON.Member("support", .array(solution.support.map { JSON($0) })),
      JSON.Member("trainLoss", JSON(trainLoss)),
      JSON.Member("trainError", JSON(solution.relativeResidual)),
      // Null where the samples held out do not vary.
      JSON.Member("heldOutError", JSON((errors.squaredNorm / spread).squareRoot())),
      JSON.Member("iterations", JSON(solution.iterations)),
      JSON.Member("passes", JSON(solution.matrixPasses)),
    ]
  }

  package func validate() throws(ExperimentError) {
    try validateSolversAndTrials()
    // No double is closer than 1 to its neighbours below 2⁴⁸.
    guard (2...1 << 48).contains(description.rows), description.columns > 0 else {
      throw .invalidSetting(
        name: "data", value: "\(description.rows) × \(description.columns)",
        expected: "at least two samples and one feature")
    }
    switch holdOut {
    case .share(let share):
      guard share > 0, share < 1 else {
        throw .invalidSetting(
          name: "held out", value: "\(share)", expected: "a share between 0 and 1")
      }
    case .folds(let count):
      guard 2...description.rows ~= count else {
        throw .invalidSetting(
          name: "folds", value: "\(count)", expected: "from 2 to \(description.rows), the samples")
      }
      guard trials == count else {
        throw .invalidSetting(
          name: "trials", value: "\(trials)", expected: "\(count), the number of folds")
      }
    }
    guard !sparsities.isEmpty, sparsities.allSatisfy({ $0 > 0 }), isAscending(sparsities) else {
      throw .invalidSetting(
        name: "sparsities", value: "\(sparsities)", expected: "ascending numbers of at least 1")
    }
  }
}
