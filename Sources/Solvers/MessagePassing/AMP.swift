public import SparseCore

/// Approximate message passing: Donoho, Maleki and Montanari 2009, doi:10.1073/pnas.0909892106.
///
/// A gradient step, the posterior mean of every coefficient by itself, and a residual that remembers the
/// one before, so that errors stay like independent noise of known variance. For incoherent columns; on
/// others it diverges, and says so.
public struct AMP: IterativeSolver {
  /// `amp`.
  public static let name = "amp"

  /// When to stop before the runs end. An iteration counts whether it names a support or not.
  public var limits: Limits

  /// Message passing within `limits`.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Where the runs stand.
  public struct State: IterationState {
    /// The run under way.
    var run: AMPRun
    /// How many runs ended.
    var number = 0
    /// The least noise of a run, relative to ‖y‖² / m.
    var least = Double.infinity

    fileprivate init(_ run: AMPRun) { self.run = run }

    /// Writes all of it.
    public func write(to writer: inout StateWriter) {
      writer.write(number)
      writer.write(least)
      run.write(to: &writer)
    }

    /// Reads all of it. Where the columns were centred, that is computed again: a pass over A.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      number = try reader.int(in: 0...AMP.meanShares.count)
      least = try reader.double()
      var atoms = try UnitAtoms(reader.workspace)
      if number == AMP.meanShares.count {
        let centred = try atoms.centred()
        try reader.require(centred != nil)
        atoms = centred ?? atoms
      }
      run = try AMPRun(atoms, from: &reader)
    }
  }

  /// μ relative to the root of the mean square of the nonzeros, of the first run and of the second: most
  /// problems have coefficients away from zero, and those that have not are the second's.
  fileprivate static var meanShares: [Double] { [0.9, 0] }
  /// Noise relative to ‖y‖² / m that was never below: on five kinds of coherent columns it is 1.00, on
  /// Gaussian ones at most .87.
  private static var divergence: Double { 0.95 }

  /// Nothing, or one pass over A on the host where atoms are not normalised.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    let atoms = try UnitAtoms(workspace)
    return State(AMPRun(workspace, atoms, search.atomCount, meanShare: Self.meanShares[0]))
  }

  /// An iteration of one of two runs, and of one more without the means of the columns where both diverge:
  /// two passes over A, and a projection whenever the noise has fallen by 4.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if let step = try state.run.step() { return step }
    state.least =
      state.number < Self.meanShares.count ? min(state.least, state.run.noise) : state.run.noise
    state.number += 1
    let atoms = state.run.atoms
    if state.number < Self.meanShares.count {
      state.run = AMPRun(
        workspace, atoms, search.atomCount, meanShare: Self.meanShares[state.number])
      return Step()
    }
    let isHealthy = state.least <= Self.divergence
    // Columns that share a direction are coherent, and need not be without it.
    if !isHealthy, state.number == Self.meanShares.count, let centred = try atoms.centred() {
      state.run = AMPRun(workspace, centred, search.atomCount, meanShare: Self.meanShares[0])
      return Step()
    }
    var end = Step.end(isHealthy ? .converged : .stagnation)
    if !isHealthy { end.warnings = [.diverged(solver: Self.name)] }
    return end
  }
}
