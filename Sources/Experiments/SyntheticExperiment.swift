package import SparseRecovery

/// An experiment on random problems with known truth.
package protocol SyntheticExperiment: Experiment where Truth == SyntheticProblem {
  /// What a problem of cell number `cell` is drawn from.
  func parameters(cell: Int, seed: UInt64) -> SyntheticParameters
}

extension SyntheticExperiment {
  package func pose(
    cell: Int, trial: Int
  ) throws(RecoveryError) -> PosedProblem<SyntheticProblem> {
    let parameters = parameters(cell: cell, seed: problemSeed(cell: cell, trial: trial))
    let synthetic = try SyntheticProblem(parameters)
    return PosedProblem(
      problem: try RecoveryProblem(
        matrix: .double(synthetic.matrix), observation: synthetic.observation),
      sparsity: parameters.sparsity, truth: synthetic)
  }
}
