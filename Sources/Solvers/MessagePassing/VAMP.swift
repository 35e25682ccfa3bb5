public import SparseCore

/// Vector approximate message passing from unlike starts: Rangan, Schniter and Fletcher 2019,
/// doi:10.1109/TIT.2019.2916359.
///
/// Where ``AMP`` assumes the rows of A to be random, this knows A by the eigenvectors of AAᵀ, computed
/// once for any number of runs, sparsities and observations. Runs cost no pass over A.
public struct VAMP: Solver {
  /// `vamp`.
  public static let name = "vamp"

  /// How many runs follow the first one, from random starts and with random beliefs; at least 0.
  public var restarts: Int
  /// Names the sequence of random runs.
  public var seed: UInt64
  /// When to stop before the runs end. An iteration is a run.
  public var limits: Limits

  /// Message passing within `limits`.
  public init(restarts: Int = 10, seed: UInt64 = 1, limits: Limits = Limits()) {
    self.restarts = restarts
    self.seed = seed
    self.limits = limits
  }

  /// m² · n flops and O(m³) once for all solves on these atoms; 4 · m · n flops an iteration, of which a
  /// run takes some tens; a projection a run. Another 8 · m · n bytes on the host.
  ///
  /// - Throws: ``RecoveryError/atomsTooLarge(solver:rows:mostRows:bytes:mostBytes:)`` beyond what the
  ///   host keeps.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try problem.solve(Self.name, sparsity: sparsity, limits: limits) {
      (search) throws(RecoveryError) in
      let restarts = try valid(restarts, "restarts", atLeast: 0)
      let messages = VectorAMP(
        try problem.host.rotated(for: Self.name), observation: problem.problem.scaledObservation,
        sparsity: search.atomCount, isOneSided: problem.problem.model.isNonnegative)
      var generator = SeededGenerator(seed: seed)
      var number = 0
      while true {
        let run =
          number == 0
          ? VAMPRun.first
          : VAMPRun.random(
            number: number, columns: messages.count, share: messages.share, using: &generator)
        let support = messages.support(messages(run, until: search.deadline), search.atomCount)
        let x = try problem.project(onto: support)
        if let stop = search.record(x, observer: observer) { return stop }
        guard number < restarts else { return .converged }
        number += 1
      }
    }
  }
}
