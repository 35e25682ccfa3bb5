import SparseCore

/// Descent over exchanges of one atom under any loss, from one support after another.
///
/// Exchanges are fitted in the order of second-order models of the loss (``LossExchanges``), until one lowers the loss. It ends
/// where none of those does that are ranked first.
struct LossDescent: IterativeSolver {
  static let name = "exchanges"

  /// Where to set out from, one after another.
  var starts: [[Int]]
  var limits: Limits
  /// What may be done before it ends where it is, by the model of ``FitWork``.
  var mostWork = Double.infinity

  /// It does.
  var minimizesAnyLoss: Bool { true }
  /// It does.
  var recoversJointly: Bool { true }

  /// Where a descent stands between two exchanges.
  struct State: IterationState {
    /// The latest support, or nil where the next start is due.
    var x: Iterate?
    /// How many starts were taken.
    var started = 0
    /// What was done.
    var work = 0.0

    init() {}

    func write(to writer: inout StateWriter) {
      writer.write(ifAny: x) { $0.write($1) }
      writer.write(started)
      writer.write(work)
    }

    init(from reader: inout StateReader) throws(RecoveryError) {
      x = try reader.optional { (r) throws(RecoveryError) in try r.iterate(atMost: r.atomCount) }
      started = try reader.int(in: 0...Elite.capacity)
      work = try reader.double()
      try reader.require(work >= 0)
    }
  }

  func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State { State() }

  /// One exchange, or a start.
  func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    guard state.work < mostWork else { return .end(.iterations) }
    let interruption = search.interruption
    var exchanges = LossExchanges(workspace, until: interruption)
    exchanges.mostWork = mostWork - state.work
    guard let x = state.x else {
      guard state.started < starts.count else { return .end(.converged) }
      let x = try exchanges.fit(starts[state.started])
      state.x = x
      state.started += 1
      state.work += exchanges.work
      return Step(x)
    }
    let next = try exchanges.better(than: x)
    if next == nil, let reason = interruption.reason {
      return .cut(Candidate(x, untold: exchanges.fits.count), reason)
    }
    state.work += exchanges.work
    state.x = next
    // A start that leads nowhere is no iteration.
    return exchanges.fits.isEmpty ? .silent : Step(exchanges.fits)
  }
}
