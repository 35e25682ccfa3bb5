public import SparseCore

/// Vector approximate message passing from unlike starts: Rangan, Schniter and Fletcher 2019,
/// doi:10.1109/TIT.2019.2916359.
///
/// Where ``AMP`` assumes the rows of A to be random, this knows A by the eigenvectors of AAᵀ, computed
/// once for any number of runs, sparsities and observations. Runs cost no pass over A.
public struct VAMP: IterativeSolver {
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

  /// Between two runs.
  public struct State: IterationState {
    let messages: VectorAMP
    /// How many runs there were.
    var number = 0
    /// What random runs are drawn from.
    var generator: SeededGenerator

    fileprivate init(_ workspace: Workspace, atomCount: Int, seed: UInt64) throws(RecoveryError) {
      messages = VectorAMP(
        try workspace.host.rotated(for: VAMP.name),
        observation: workspace.problem.scaledObservation, sparsity: atomCount,
        isOneSided: workspace.problem.model.isNonnegative)
      generator = SeededGenerator(seed: seed)
    }

    /// Writes the number of runs, and the generator.
    public func write(to writer: inout StateWriter) {
      writer.write(number)
      writer.write(generator)
    }

    /// Reads both.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      try self.init(reader.workspace, atomCount: reader.atomCount, seed: 0)
      number = try reader.int(in: 0...(1 << 62))
      generator = try reader.generator()
    }
  }

  /// m² · n flops and O(m³), once for all solves on these atoms; another 8 · m · n bytes on the host.
  ///
  /// - Throws: ``RecoveryError/atomsTooLarge(solver:rows:mostRows:bytes:mostBytes:)`` beyond what the
  ///   host keeps.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    _ = try valid(restarts, "restarts", atLeast: 0)
    return try State(workspace, atomCount: search.atomCount, seed: seed)
  }

  /// A run: 4 · m · n flops an iteration, of which it takes some tens, and a projection.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let messages = state.messages
    let run =
      state.number == 0
      ? VAMPRun.first
      : VAMPRun.random(
        number: state.number, columns: messages.count, share: messages.share,
        using: &state.generator)
    let support = messages.support(messages(run, until: search.deadline), search.atomCount)
    state.number += 1
    return Step(
      try workspace.project(onto: support), stop: state.number > restarts ? .converged : nil)
  }
}
