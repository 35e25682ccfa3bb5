public import SparseCore

/// Approximate message passing: Donoho, Maleki and Montanari 2009, doi:10.1073/pnas.0909892106.
///
/// A gradient step, the posterior mean of every coefficient by itself, and a residual that remembers the
/// one before, so that errors stay like independent noise of known variance. For incoherent columns; on
/// others it diverges, and says so.
public struct AMP: Solver {
  /// `amp`.
  public static let name = "amp"

  /// When to stop before the runs end. An iteration counts whether it names a support or not.
  public var limits: Limits

  /// Message passing within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// μ relative to the root of the mean square of the nonzeros, of the first run and of the second: most
  /// problems have coefficients away from zero, and those that have not are the second's.
  private static var meanShares: [Double] { [0.9, 0] }
  /// Noise relative to ‖y‖² / m that was never below: on five kinds of coherent columns it is 1.00, on
  /// Gaussian ones at most .87.
  private static var divergence: Double { 0.95 }

  /// Two passes over A an iteration, some tens of iterations a run, and a projection whenever the noise
  /// has fallen by 4.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try problem.solve(Self.name, sparsity: sparsity, limits: limits) {
      (search) throws(RecoveryError) in
      let (stop, isHealthy) = try explore(problem, &search, observer: observer)
      if !isHealthy { search.warn(.diverged(solver: Self.name)) }
      return stop
    }
  }

  /// Two runs, and one more without the means of the columns where both diverge.
  ///
  /// - Returns: why it stopped, and whether some run did not diverge, as far as is known then: where all
  ///   do, columns are too coherent for message passing.
  func explore<E: Engine>(
    _ problem: LoadedProblem<E>, _ search: inout Search, observer: Observer
  ) throws(RecoveryError) -> (stop: StopReason, isHealthy: Bool) {
    let atoms = try UnitAtoms(problem)
    var least = Double.infinity
    for meanShare in Self.meanShares {
      let (stop, noise) = try AMPRun(problem, atoms)(
        &search, meanShare: meanShare, observer: observer)
      if let stop { return (stop, true) }
      least = min(least, noise)
    }
    // Columns that share a direction are coherent, and need not be without it.
    if least > Self.divergence, let centred = try atoms.centred() {
      let (stop, noise) = try AMPRun(problem, centred)(
        &search, meanShare: Self.meanShares[0], observer: observer)
      if let stop { return (stop, true) }
      least = noise
    }
    return least > Self.divergence ? (.stagnation, false) : (.converged, true)
  }
}
