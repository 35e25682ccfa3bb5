import LeastSquares
public import SparseCore

/// Vector approximate message passing from unlike starts: Rangan, Schniter and Fletcher 2019,
/// doi:10.1109/TIT.2019.2916359.
///
/// Where ``AMP`` assumes the rows of A to be random, this knows A by the eigenvectors of AAᵀ, computed
/// once for any number of runs, sparsities and observations. Runs cost no pass over A.
public struct VAMP: IterativeSolver {
  /// `vamp`.
  public static let name = "vamp"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption("restarts", "how many random starts there are", \.restarts, atLeast: 0),
      SolverOption("seed", "what starts are drawn from", seed: \.seed),
    ]
  }

  /// How many runs follow the first one, from random starts and with random beliefs; at least 0.
  public var restarts: Int
  /// Names the sequence of random runs.
  public var seed: UInt64
  /// It does, on principal axes of the observations.
  public var recoversJointly: Bool { true }

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
      messages = try VectorAMP(
        workspace.host.rotated(for: VAMP.name), workspace.problem, sparsity: atomCount)
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
      : VAMPRun.random(number: state.number, for: messages, using: &state.generator)
    let support = messages.support(messages(run, until: search.deadline), search.atomCount)
    state.number += 1
    return Step(
      try workspace.project(onto: support), stop: state.number > restarts ? .converged : nil)
  }
}

/// What one run of vector message passing begins with. Coefficients are measured in √(‖y‖² / k), those of several
/// observations on their principal axes.
struct VAMPRun: Sendable {
  /// What is known of the noise.
  enum Noise: Sendable {
    /// There is none.
    case none
    /// Learned, from a hundredth of ‖y‖² / m.
    case learned
  }

  /// A first guess of the coefficients, one a column that may be selected, plane after plane, or nil for zeros.
  var start: [Double]?
  /// μ of the prior, in [0, 1].
  var meanShare: Double
  /// The weight of a new message against the one before, in (0, 1].
  var damping: Double
  /// What is known of the noise.
  var noise = Noise.none
  /// Added to the log-odds that a row of coefficients is a nonzero, or nil for zeros.
  var logOdds: [Double]?

  /// From zero, with nonzeros away from zero.
  static var first: VAMPRun { VAMPRun(meanShare: 0.9, damping: 0.9) }

  /// One of many unlike runs: a random start of about the size of the coefficients, a random prior, and
  /// random log-odds, which bring more than all the rest. Every fourth learns the noise, of several observations every
  /// other, since planes with more noise than signal mislead a run that takes them for exact; and every one where atoms are
  /// independent, since runs without noise then all begin with the one fit by least squares, and never leave it. Every eighth
  /// is Bernoulli–Gaussian.
  ///
  /// - Parameter number: from 1.
  static func random(
    number: Int, for messages: VectorAMP, using generator: inout SeededGenerator
  ) -> VAMPRun {
    let isGaussian = number % 8 == 1
    let meanShare = generator.uniform(0.3, 0.99)
    let size = generator.uniform(0.3, 1.5) * messages.share.squareRoot()
    let doubt = generator.uniform()
    let damping = generator.uniform(0.5, 0.97)
    let start = messages.meanSquares.flatMap {
      normal(messages.count, times: size * $0.squareRoot(), &generator)
    }
    let learnsNoise =
      messages.atoms.areIndependent
      || (messages.meanSquares.count == 1 ? number % 4 == 3 : !number.isMultiple(of: 2))
    return VAMPRun(
      start: start, meanShare: isGaussian ? 0 : meanShare, damping: damping,
      noise: learnsNoise ? .learned : .none,
      logOdds: normal(messages.count, times: doubt, &generator))
  }

  private static func normal(
    _ count: Int, times factor: Double, _ generator: inout SeededGenerator
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { target, initialized in
      generator.fillNormal(UnsafeMutableBufferPointer(rebasing: target[..<count]))
      for i in 0..<count { target[i] *= factor }
      initialized = count
    }
  }
}

extension SeededGenerator {
  /// A number uniform on [`low`, `high`).
  fileprivate mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }
}
